#pragma once
#include <boost/json/value.hpp>
#include <string>

namespace podwire::cli {

/// A JSON value as a YAML document in block style, as `kubectl -o yaml` prints it. Every string that YAML 1.1
/// or 1.2 would read as something else is quoted.
[[nodiscard]] std::string to_yaml(const boost::json::value& value);

}  // namespace podwire::cli
