#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace podwire::oci {

/// Reads a JSON document that somebody else wrote: every error names the path of the field
/// ("manifests[0].digest"). A view of a value and the path by which it was reached; the document must outlive
/// it. Absent and null are the same.
class JsonView {
 public:
  JsonView(const boost::json::value& value, std::string path) : value_(&value), path_(std::move(path)) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool absent() const { return value_->is_null(); }
  /// A field of an object; absent when this is absent or has no such field. Error: this is something else.
  [[nodiscard]] Result<JsonView> at(std::string_view key) const;
  /// The elements of an array; none when absent.
  [[nodiscard]] Result<std::vector<JsonView>> items() const;
  /// The fields of an object; none when absent.
  [[nodiscard]] Result<std::vector<std::pair<std::string, JsonView>>> fields() const;

  [[nodiscard]] Result<std::string> text() const;
  [[nodiscard]] Result<std::string> text_or(std::string_view otherwise) const;
  [[nodiscard]] Result<std::vector<std::string>> texts() const;
  [[nodiscard]] Result<std::map<std::string, std::string>> text_map() const;
  [[nodiscard]] Result<std::int64_t> number_or(std::int64_t otherwise) const;
  [[nodiscard]] Result<bool> flag_or(bool otherwise) const;

 private:
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view wanted) const;
  const boost::json::value* value_;
  std::string path_;
};

/// Parses a document. `what` names it in errors and begins every path.
Result<boost::json::value> parse_json(std::string_view text, std::string_view what);

/// For people and diffs: two blanks a level, no trailing newline.
[[nodiscard]] std::string pretty_json(const boost::json::value& value);

}  // namespace podwire::oci
