#include "oci/json_view.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::oci {
namespace {

const boost::json::value kNull;

void write_pretty(const boost::json::value& value, std::size_t depth, std::string& out) {
  const auto line = [&](std::size_t d) { out += "\n" + std::string(2 * d, ' '); };
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out += '{';
    for (bool first = true; const auto& [key, field] : *object) {
      if (!std::exchange(first, false)) out += ',';
      line(depth + 1);
      out += boost::json::serialize(key) + ": ";
      write_pretty(field, depth + 1, out);
    }
    line(depth);
    out += '}';
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    out += '[';
    for (bool first = true; const auto& item : *array) {
      if (!std::exchange(first, false)) out += ',';
      line(depth + 1);
      write_pretty(item, depth + 1, out);
    }
    line(depth);
    out += ']';
  } else {
    out += boost::json::serialize(value);
  }
}

}  // namespace

std::unexpected<Error> JsonView::wrong(std::string_view wanted) const {
  return fail("read", path_, 0, fmt::format("must be {}", wanted));
}

Result<JsonView> JsonView::at(std::string_view key) const {
  const std::string path = fmt::format("{}.{}", path_, key);
  if (absent()) return JsonView(kNull, path);
  const auto* object = value_->if_object();
  if (object == nullptr) return wrong("an object");
  const auto* field = object->if_contains(key);
  return JsonView(field != nullptr ? *field : kNull, path);
}

Result<std::vector<JsonView>> JsonView::items() const {
  std::vector<JsonView> out;
  if (absent()) return out;
  const auto* array = value_->if_array();
  if (array == nullptr) return wrong("an array");
  for (const auto& item : *array) out.emplace_back(item, fmt::format("{}[{}]", path_, out.size()));
  return out;
}

Result<std::vector<std::pair<std::string, JsonView>>> JsonView::fields() const {
  std::vector<std::pair<std::string, JsonView>> out;
  if (absent()) return out;
  const auto* object = value_->if_object();
  if (object == nullptr) return wrong("an object");
  for (const auto& [key, field] : *object)
    out.emplace_back(std::string(key), JsonView(field, fmt::format("{}.{}", path_, std::string_view(key))));
  return out;
}

Result<std::string> JsonView::text() const {
  const auto* string = value_->if_string();
  if (string == nullptr) return wrong("a string");
  return std::string(*string);
}

Result<std::string> JsonView::text_or(std::string_view otherwise) const {
  if (absent()) return std::string(otherwise);
  return text();
}

Result<std::vector<std::string>> JsonView::texts() const {
  std::vector<std::string> out;
  for (const auto& item : TRY(items())) out.push_back(TRY(item.text()));
  return out;
}

Result<std::map<std::string, std::string>> JsonView::text_map() const {
  std::map<std::string, std::string> out;
  for (const auto& [key, field] : TRY(fields())) out[key] = TRY(field.text());
  return out;
}

Result<std::int64_t> JsonView::number_or(std::int64_t otherwise) const {
  if (absent()) return otherwise;
  const auto* number = value_->if_int64();
  if (number == nullptr) return wrong("a whole number");
  return *number;
}

Result<bool> JsonView::flag_or(bool otherwise) const {
  if (absent()) return otherwise;
  const auto* flag = value_->if_bool();
  if (flag == nullptr) return wrong("true or false");
  return *flag;
}

Result<boost::json::value> parse_json(std::string_view text, std::string_view what) {
  boost::json::parse_options options;
  options.max_depth = 128;
  boost::json::error_code ec;
  auto value = boost::json::parse(text, ec, {}, options);
  if (ec) return fail("parse", what, 0, "it is not JSON: " + ec.message());
  return value;
}

std::string pretty_json(const boost::json::value& value) {
  std::string out;
  write_pretty(value, 0, out);
  return out;
}

}  // namespace podwire::oci
