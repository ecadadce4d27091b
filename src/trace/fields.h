#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "trace/packet.h"

namespace podwire::trace {

/// One header field in words: {"time to live", "63"}.
struct Field {
  std::string name;
  std::string value;
  friend bool operator==(const Field&, const Field&) = default;
};

/// "Ethernet", "IPv4", "data"...
[[nodiscard]] std::string_view name_of(LayerKind kind);
/// "good", "bad", "partial (offloaded)"...
[[nodiscard]] std::string_view name_of(Checksum verdict);
/// A layer's main fields in the header's order; none for data and for a cut header.
[[nodiscard]] std::vector<Field> fields_of(const Layer& layer);

}  // namespace podwire::trace
