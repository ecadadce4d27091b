#include "cli/yaml.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cctype>

namespace podwire::cli {
namespace {

namespace json = boost::json;

/// What YAML 1.1 takes for null or a boolean, in any case.
bool is_word_of_yaml(std::string_view text) {
  static constexpr std::array kWords{"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"};
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(kWords, lower) != kWords.end();
}

/// Only what is surely plain text stays bare: no sign of a number, date, or of YAML's own syntax.
bool is_plain(std::string_view text) {
  if (text.empty() || is_word_of_yaml(text)) return false;
  const auto letter_or_slash = [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '_';
  };
  if (!letter_or_slash(text.front()) || text.ends_with(':') || text.ends_with(' ')) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7f; });
}

/// A JSON string is a double-quoted YAML scalar.
std::string scalar(std::string_view text) {
  return is_plain(text) ? std::string(text) : json::serialize(json::string(text));
}

void write(const json::value& value, std::size_t depth, std::string& out);

void write_field(const json::key_value_pair& field, std::size_t depth, std::string& out) {
  out += scalar(field.key()) + ":";
  const auto& value = field.value();
  const bool object = value.is_object() && !value.get_object().empty();
  const bool array = value.is_array() && !value.get_array().empty();
  if (!object && !array) {
    out += ' ';
    write(value, depth, out);
    return;
  }
  out += '\n';
  // kubectl writes the items of an array at the depth of its key.
  write(value, array ? depth : depth + 1, out);
}

void write(const json::value& value, std::size_t depth, std::string& out) {
  const std::string indent(2 * depth, ' ');
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    for (const auto& field : *object) {
      out += indent;
      write_field(field, depth, out);
    }
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    for (const auto& item : *array) {
      std::string below;
      write(item, depth + 1, below);
      const bool nested =
          (item.is_object() && !item.get_object().empty()) || (item.is_array() && !item.get_array().empty());
      out += indent + "- " + (nested ? below.substr(indent.size() + 2) : below);
    }
  } else {
    out += (value.is_string() ? scalar(value.get_string()) : json::serialize(value)) + "\n";
  }
}

}  // namespace

std::string to_yaml(const json::value& value) {
  std::string out;
  write(value, 0, out);
  return out;
}

}  // namespace podwire::cli
