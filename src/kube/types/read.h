#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "kube/json.h"
#include "kube/quantity.h"
#include "kube/types/time.h"

namespace podwire::kube {

/// Names with values, sorted by name, each name once: labels, annotations, node selectors.
using TextMap = std::vector<std::pair<std::string, std::string>>;
/// Amounts by the resource's name, sorted by it.
using Amounts = std::vector<std::pair<std::string, Quantity>>;

/// A value of a JSON tree that knows the way to it, so that an error can say where:
/// "spec.ports[0].port: not a number". The first error of a whole read is kept, what follows is still read.
/// Lives no longer than the tree and the read.
class Place {
 public:
  Place(const json::value& value, std::optional<Error>& error) : value_(&value), error_(&error) {}

  /// Reads the field into `into` with the `read` of its type; leaves it alone where the field is absent or
  /// null.
  template <class T>
  void field(std::string_view key, T& into) const {
    if (const auto child = at(key)) read(*child, into);
  }
  /// The value of that field, if it is there.
  [[nodiscard]] std::optional<Place> at(std::string_view key) const;
  [[nodiscard]] Place element(const json::value& value, std::size_t index) const;

  [[nodiscard]] const json::value& value() const { return *value_; }
  [[nodiscard]] const json::array* array() const;
  [[nodiscard]] const json::object* object() const;
  void refuse(std::string_view why) const;
  [[nodiscard]] std::string path() const;

 private:
  const json::value* value_;
  std::optional<Error>* error_;
  const Place* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
};

void read(const Place& place, std::string& into);
void read(const Place& place, std::int64_t& into);
void read(const Place& place, int& into);
void read(const Place& place, bool& into);
void read(const Place& place, Time& into);
void read(const Place& place, IpAddr& into);
void read(const Place& place, Cidr& into);
void read(const Place& place, Quantity& into);
void read(const Place& place, TextMap& into);
void read(const Place& place, Amounts& into);
void read(const Place& place, json::object& into);
void read(const Place& place, json::array& into);

template <class T>
void read(const Place& place, std::optional<T>& into) {
  read(place, into.emplace());
}

template <class T>
void read(const Place& place, std::vector<T>& into) {
  const auto* array = place.array();
  if (array == nullptr) return;
  into.reserve(array->size());
  for (std::size_t i = 0; i < array->size(); ++i) read(place.element((*array)[i], i), into.emplace_back());
}

/// A whole object of the API as T.
template <class T>
Result<T> typed_from(const json::value& value) {
  std::optional<Error> error;
  T into;
  read(Place(value, error), into);
  if (error) return std::unexpected(std::move(*error));
  return into;
}

/// nullptr: there is no such name.
[[nodiscard]] const std::string* find(const TextMap& map [[clang::lifetimebound]], std::string_view name);
[[nodiscard]] std::string_view text_of(const TextMap& map [[clang::lifetimebound]], std::string_view name);
void set(TextMap& map, std::string_view name, std::string_view value);
[[nodiscard]] json::object to_json(const TextMap& map);

}  // namespace podwire::kube
