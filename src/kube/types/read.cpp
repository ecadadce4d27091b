#include "kube/types/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace podwire::kube {

std::optional<Place> Place::at(std::string_view key) const {
  const auto* members = object();
  const auto* found = members != nullptr ? members->if_contains(key) : nullptr;
  if (found == nullptr || found->is_null()) return std::nullopt;
  Place child(*found, *error_);
  child.parent_ = this;
  child.key_ = key;
  return child;
}

Place Place::element(const json::value& value, std::size_t index) const {
  Place child(value, *error_);
  child.parent_ = this;
  child.index_ = index;
  return child;
}

const json::array* Place::array() const {
  const auto* array = value_->if_array();
  if (array == nullptr) refuse("not a list");
  return array;
}

const json::object* Place::object() const {
  const auto* object = value_->if_object();
  if (object == nullptr) refuse("not an object");
  return object;
}

void Place::refuse(std::string_view why) const {
  if (!*error_) error_->emplace(Error{path(), "", 0, std::string(why)});
}

std::string Place::path() const {
  if (parent_ == nullptr) return "";
  const auto before = parent_->path();
  if (key_.empty()) return fmt::format("{}[{}]", before, index_);
  return before.empty() ? std::string(key_) : fmt::format("{}.{}", before, key_);
}

void read(const Place& place, std::string& into) {
  const auto* text = place.value().if_string();
  if (text == nullptr) return place.refuse("not a text");
  into.assign(text->data(), text->size());
}

void read(const Place& place, std::int64_t& into) {
  if (const auto* number = place.value().if_int64()) {
    into = *number;
  } else if (const auto* big = place.value().if_uint64();
             big != nullptr && std::in_range<std::int64_t>(*big)) {
    into = static_cast<std::int64_t>(*big);
  } else {
    place.refuse("not a number");
  }
}

void read(const Place& place, int& into) {
  std::int64_t number = 0;
  read(place, number);
  if (!std::in_range<int>(number)) return place.refuse("not a number of 32 bits");
  into = static_cast<int>(number);
}

void read(const Place& place, bool& into) {
  if (const auto* flag = place.value().if_bool()) {
    into = *flag;
  } else {
    place.refuse("not true or false");
  }
}

namespace {

template <class T, class Parse>
void read_text_as(const Place& place, T& into, Parse parse, std::string_view what) {
  std::string text;
  read(place, text);
  if (auto parsed = parse(text)) {
    into = *parsed;
  } else {
    place.refuse(what);
  }
}

template <class Map, class ReadOne>
void read_map(const Place& place, Map& into, ReadOne read_one) {
  const auto* members = place.object();
  if (members == nullptr) return;
  into.clear();
  into.reserve(members->size());
  for (const auto& member : *members) {
    const auto child = place.at(member.key());
    if (!child) continue;
    auto& added = into.emplace_back();
    added.first = std::string(member.key());
    read_one(*child, added.second);
  }
  std::ranges::sort(into, {}, &Map::value_type::first);
}

}  // namespace

void read(const Place& place, Time& into) { read_text_as(place, into, time_from, "not a time"); }
void read(const Place& place, IpAddr& into) { read_text_as(place, into, IpAddr::parse, "not an IP address"); }
void read(const Place& place, Cidr& into) { read_text_as(place, into, Cidr::parse, "not a CIDR"); }

void read(const Place& place, Quantity& into) {
  if (const auto* number = place.value().if_int64()) {
    into = Quantity::of(*number);
  } else {
    read_text_as(place, into, Quantity::parse, "not a quantity");
  }
}

void read(const Place& place, TextMap& into) {
  read_map(place, into, [](const Place& p, std::string& text) { read(p, text); });
}

void read(const Place& place, Amounts& into) {
  read_map(place, into, [](const Place& p, Quantity& amount) { read(p, amount); });
}

void read(const Place& place, json::object& into) {
  if (const auto* object = place.object()) into = *object;
}

void read(const Place& place, json::array& into) {
  if (const auto* array = place.array()) into = *array;
}

const std::string* find(const TextMap& map, std::string_view name) {
  const auto at =
      std::ranges::lower_bound(map, name, {}, [](const auto& e) -> std::string_view { return e.first; });
  return at != map.end() && at->first == name ? &at->second : nullptr;
}

std::string_view text_of(const TextMap& map, std::string_view name) {
  const auto* text = find(map, name);
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

void set(TextMap& map, std::string_view name, std::string_view value) {
  const auto at =
      std::ranges::lower_bound(map, name, {}, [](const auto& e) -> std::string_view { return e.first; });
  if (at != map.end() && at->first == name) {
    at->second = value;
  } else {
    map.emplace(at, name, value);
  }
}

json::object to_json(const TextMap& map) {
  json::object out;
  for (const auto& [name, value] : map) out[name] = value;
  return out;
}

}  // namespace podwire::kube
