#pragma once
#include <string>

namespace podwire::server {

/// What Prometheus' clients say of their process, in its text format: memory, time, open files. From /proc;
/// what cannot be read there is left out.
[[nodiscard]] std::string process_metrics();

}  // namespace podwire::server
