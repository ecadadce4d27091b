#include "kube/rules/field_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

/// One line of a refusal's message.
std::string line(const Cause& cause) { return fmt::format("{}: {}", cause.field, cause.message); }

std::string joined(const std::vector<Cause>& causes) {
  if (causes.size() == 1) return line(causes.front());
  std::vector<std::string> lines;
  for (const auto& cause : causes)
    if (auto text = line(cause); std::ranges::find(lines, text) == lines.end())
      lines.push_back(std::move(text));
  if (lines.size() == 1) return lines.front();
  return fmt::format("[{}]", fmt::join(lines, ", "));
}

std::string with_detail(std::string message, std::string_view detail) {
  if (!detail.empty()) message.append(": ").append(detail);
  return message;
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out.append(1, '\\').append(1, c);
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\r')
      out += "\\r";
    else if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out += '"';
}

std::string shown(const json::value& value) {
  return value.is_string() ? quoted(value.get_string()) : json::serialize(value);
}

Answer<> FieldErrors::answer(std::string_view group, std::string_view kind, std::string_view name) const {
  if (causes_.empty()) return {};
  return std::unexpected(
      Status{.code = 422,
             .reason = "Invalid",
             .message = fmt::format("{}{}{} {} is invalid: {}", kind, group.empty() ? "" : ".", group,
                                    quoted(name), joined(causes_)),
             .name = std::string(name),
             .group = std::string(group),
             .kind = std::string(kind),
             .causes = causes_});
}

std::string FieldPath::str() const {
  std::string out;
  for (std::size_t i = 0; i < depth_; ++i) {
    const auto& step = steps_[i];
    if (step.index >= 0) {
      out += fmt::format("[{}]", step.index);
      continue;
    }
    const std::string_view name(step.name, step.length);
    if (step.index == kKey)
      out.append("[").append(name).append("]");
    else
      out.append(out.empty() ? "" : ".").append(name);
  }
  return out;
}

FieldCursor FieldCursor::operator[](std::string_view name) const {
  const auto* here = object();
  return {here != nullptr ? here->if_contains(name) : nullptr, path_.child(name), *errors_};
}

FieldCursor FieldCursor::at_index(std::size_t i) const {
  const auto* list = array();
  return {list != nullptr && i < list->size() ? &(*list)[i] : nullptr, path_.index(i), *errors_};
}

FieldCursor FieldCursor::key(std::string_view name) const {
  const auto* here = object();
  return keyed(name, here != nullptr ? here->if_contains(name) : nullptr);
}

FieldCursor FieldCursor::with_value(const json::value* value) const { return {value, path_, *errors_}; }

std::size_t FieldCursor::size() const {
  if (const auto* map = object()) return map->size();
  if (const auto* list = array()) return list->size();
  return text().size();
}

std::string_view FieldCursor::text() const {
  const auto* text = value_ != nullptr ? value_->if_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

std::int64_t FieldCursor::number(std::int64_t otherwise) const {
  if (value_ == nullptr) return otherwise;
  if (const auto* n = value_->if_int64()) return *n;
  if (const auto* n = value_->if_uint64()) return static_cast<std::int64_t>(*n);
  return otherwise;
}

bool FieldCursor::flag() const { return value_ != nullptr && value_->is_bool() && value_->get_bool(); }

const json::object* FieldCursor::object() const {
  if (object_ != nullptr) return object_;
  return value_ != nullptr ? value_->if_object() : nullptr;
}

const json::array* FieldCursor::array() const { return value_ != nullptr ? value_->if_array() : nullptr; }

void FieldCursor::report(std::string_view reason, std::string message) const {
  errors_->add({.reason = std::string(reason), .message = std::move(message), .field = path_.str()});
}

void FieldCursor::required(std::string_view detail) const {
  report("FieldValueRequired", with_detail("Required value", detail));
}

void FieldCursor::invalid(std::string_view detail) const {
  if (value_ != nullptr && !value_->is_null())
    invalid(shown(*value_), detail);
  else if (object_ != nullptr)
    invalid(json::serialize(*object_), detail);
  else
    invalid("\"\"", detail);
}

void FieldCursor::invalid(std::string_view shown_value, std::string_view detail) const {
  report("FieldValueInvalid", with_detail(fmt::format("Invalid value: {}", shown_value), detail));
}

void FieldCursor::not_supported(std::initializer_list<std::string_view> values) const {
  std::vector<std::string> names;
  for (const auto value : values) names.push_back(quoted(value));
  report("FieldValueNotSupported",
         with_detail(fmt::format("Unsupported value: {}", present() ? shown(*value_) : "\"\""),
                     fmt::format("supported values: {}", fmt::join(names, ", "))));
}

void FieldCursor::forbidden(std::string_view detail) const {
  report("FieldValueForbidden", with_detail("Forbidden", detail));
}

void FieldCursor::duplicate() const { duplicate(present() ? shown(*value_) : "\"\""); }

void FieldCursor::duplicate(std::string_view shown_value) const {
  report("FieldValueDuplicate", fmt::format("Duplicate value: {}", shown_value));
}

void FieldCursor::not_found() const {
  report("FieldValueNotFound", fmt::format("Not found: {}", present() ? shown(*value_) : "\"\""));
}

void FieldCursor::too_long(std::size_t max_bytes) const {
  report("FieldValueTooLong",
         fmt::format("Too long: may not be more than {} {}", max_bytes, max_bytes == 1 ? "byte" : "bytes"));
}

void FieldCursor::too_many(std::size_t actual, std::size_t max) const {
  report("FieldValueTooMany",
         fmt::format("Too many: {}: must have at most {} {}", actual, max, max == 1 ? "item" : "items"));
}

}  // namespace podwire::kube
