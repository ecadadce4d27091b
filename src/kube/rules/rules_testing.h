#pragma once
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <string_view>

#include "kube/rules/rules.h"

/// What the tests of the kinds share: a good object, one change to it, and the sentence that it is refused
/// with.
namespace podwire::kube {

inline json::object parse_object(std::string_view text) { return json::parse(text).get_object(); }

/// One change of a good object: the value at a JSON pointer ("/spec/ports/0/port"; "-" appends), or its
/// removal where `value` is empty.
struct Change {
  std::string_view at;
  std::string_view value;
};

inline void apply(json::value& object, const Change& change) {
  const auto slash = change.at.rfind('/');
  auto& owner = slash == 0 ? object : object.at_pointer(change.at.substr(0, slash));
  const auto last = change.at.substr(slash + 1);
  if (owner.is_array()) {
    if (last == "-")
      owner.get_array().push_back(json::parse(change.value));
    else
      owner.get_array().at(std::stoul(std::string(last))) = json::parse(change.value);
  } else if (change.value.empty()) {
    owner.get_object().erase(last);
  } else {
    std::string key(last);
    if (const auto escaped = key.find("~1"); escaped != std::string::npos) key.replace(escaped, 2, "/");
    owner.get_object()[key] = json::parse(change.value);
  }
}

inline json::object changed(std::string_view good, std::initializer_list<Change> changes) {
  json::value object = json::parse(good);
  for (const auto& change : changes) apply(object, change);
  return object.get_object();
}

/// The message without `Pod "name" is invalid: `, or "accepted".
inline std::string sentence(const Answer<>& answer) {
  if (answer) return "accepted";
  const auto& message = answer.error().message;
  constexpr std::string_view kStart = " is invalid: ";
  return message.substr(message.find(kStart) + kStart.size());
}

/// A new object's way: defaults, first status, checks.
inline std::string on_create(std::string_view resource, json::object object) {
  const auto& rules = rules_of(resource);
  rules.default_object(object);
  rules.prepare_create(object);
  return sentence(rules.validate_create(object));
}

inline std::string on_create(std::string_view resource, std::string_view good,
                             std::initializer_list<Change> changes) {
  return on_create(resource, changed(good, changes));
}

/// `good` was created, then these changes were made to what is stored.
inline std::string on_update(std::string_view resource, std::string_view good,
                             std::initializer_list<Change> changes) {
  const auto& rules = rules_of(resource);
  auto old = parse_object(good);
  rules.default_object(old);
  rules.prepare_create(old);
  json::value object = old;
  for (const auto& change : changes) apply(object, change);
  rules.default_object(object.get_object());
  rules.prepare_update(object.get_object(), old);
  return sentence(rules.validate_update(object.get_object(), old));
}

/// The same for a write to /status.
inline std::string on_status(std::string_view resource, std::string_view good,
                             std::initializer_list<Change> changes) {
  const auto& rules = rules_of(resource);
  auto old = parse_object(good);
  rules.default_object(old);
  rules.prepare_create(old);
  json::value object = old;
  for (const auto& change : changes) apply(object, change);
  rules.prepare_status_update(object.get_object(), old);
  return sentence(rules.validate_status_update(object.get_object(), old));
}

}  // namespace podwire::kube
