#include "kube/patch/field_diff.h"

#include <array>
#include <unordered_map>
#include <unordered_set>

#include "kube/patch/typed_node.h"

namespace podwire::kube {
namespace {

using Form = TypedNode::Form;

constexpr std::array kUnownedMeta{"f:name",
                                  "f:namespace",
                                  "f:uid",
                                  "f:resourceVersion",
                                  "f:generation",
                                  "f:creationTimestamp",
                                  "f:deletionTimestamp",
                                  "f:deletionGracePeriodSeconds",
                                  "f:managedFields",
                                  "f:selfLink"};

void strip_unowned(FieldSet& set) {
  set.children.erase("f:apiVersion");
  set.children.erase("f:kind");
  const auto meta = set.children.find("f:metadata");
  if (meta == set.children.end()) return;
  for (const auto* field : kUnownedMeta) meta->second.children.erase(field);
  if (meta->second.empty()) set.children.erase(meta);
}

std::string field_name(std::string_view key) { return std::string("f:").append(key); }

bool is_empty(const json::value& value) {
  return (value.is_object() && value.get_object().empty()) || (value.is_array() && value.get_array().empty());
}

/// Whose fields are listed decides which containers are named beside what is in them.
enum class For : std::uint8_t {
  apply,   ///< elements of lists and values of maps
  update,  ///< those that are new, where presence says something
};

FieldSet all_fields(const TypedNode& node, const json::value& value, For purpose, bool is_element = false) {
  FieldSet out;
  out.member = is_element || is_empty(value) || (purpose == For::update && node.presence);
  const auto* object = value.if_object();
  const auto* array = value.if_array();
  if ((node.form == Form::message || node.form == Form::map) && object != nullptr) {
    for (const auto& [key, inner] : *object) {
      const auto known = node.form == Form::map || node.message->field(key) != nullptr;
      if (!inner.is_null() && (known || purpose == For::update))
        out.put(field_name(key), all_fields(node.member(key), inner, purpose, node.form == Form::map));
    }
  } else if ((node.form == Form::set || node.form == Form::keyed) && array != nullptr) {
    for (const auto& element : *array) {
      auto name = node.name_of(element);
      if (!name) return {.member = true};
      out.put(std::move(*name), all_fields(node.element(), element, purpose, true));
    }
  } else {
    out.member = true;
  }
  return out;
}

void diff_value(const TypedNode& node, const json::value* before, const json::value* after, FieldDiff& out);

template <class Name>
void diff_below(const TypedNode& node, const json::value* before, const json::value* after, const Name& name,
                FieldDiff& out) {
  FieldDiff inner;
  diff_value(node, before, after, inner);
  if (inner.empty()) return;
  const std::string element = name();
  out.changed.put(element, std::move(inner.changed));
  out.removed.put(element, std::move(inner.removed));
}

void diff_objects(const TypedNode& node, const json::object& before, const json::object& after,
                  FieldDiff& out) {
  for (const auto& [key, value] : after)
    diff_below(
        node.member(key), set_in(before, key), value.is_null() ? nullptr : &value,
        [&] { return field_name(key); }, out);
  for (const auto& [key, value] : before)
    if (!value.is_null() && set_in(after, key) == nullptr) out.removed.put(field_name(key), {.member = true});
}

/// Whether the elements of both have the same keys at the same places, as they mostly have.
bool same_keys(const TypedNode& node, const json::array& before, const json::array& after) {
  if (before.size() != after.size()) return false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto* a = before[i].if_object();
    const auto* b = after[i].if_object();
    if (a == nullptr || b == nullptr) return false;
    for (const auto& key : node.field->list_keys) {
      const auto* key_a = node.key_in(*a, key);
      const auto* key_b = node.key_in(*b, key);
      if (key_a == nullptr || key_b == nullptr || *key_a != *key_b) return false;
    }
  }
  return true;
}

void diff_lists(const TypedNode& node, const json::array& before, const json::array& after, FieldDiff& out) {
  if (node.form == Form::keyed && same_keys(node, before, after)) {
    for (std::size_t i = 0; i < before.size(); ++i)
      diff_below(node.element(), &before[i], &after[i], [&] { return *node.name_of(after[i]); }, out);
    return;
  }
  if (before == after) return;
  std::unordered_map<std::string, const json::value*> old;
  for (const auto& element : before) {
    auto name = node.name_of(element);
    if (!name) {
      out.changed.member = true;
      return;
    }
    old.emplace(std::move(*name), &element);
  }
  FieldDiff inner;
  std::unordered_set<std::string> still;
  for (const auto& element : after) {
    const auto name = node.name_of(element);
    if (!name) {
      out.changed.member = true;
      return;
    }
    const auto there = old.find(*name);
    diff_below(
        node.element(), there != old.end() ? there->second : nullptr, &element, [&] { return *name; }, inner);
    still.insert(*name);
  }
  for (const auto& [name, element] : old)
    if (!still.contains(name)) inner.removed.put(name, {.member = true});
  out.changed.unite(inner.changed);
  out.removed.unite(inner.removed);
}

void diff_value(const TypedNode& node, const json::value* before, const json::value* after, FieldDiff& out) {
  if (after == nullptr) {
    out.removed.member = before != nullptr;
  } else if (before == nullptr) {
    out.changed = all_fields(node, *after, For::update);
  } else if ((node.form == Form::message || node.form == Form::map) && before->is_object() &&
             after->is_object()) {
    diff_objects(node, before->get_object(), after->get_object(), out);
  } else if ((node.form == Form::set || node.form == Form::keyed) && before->is_array() &&
             after->is_array()) {
    diff_lists(node, before->get_array(), after->get_array(), out);
  } else if (*before != *after) {
    out.changed.member = true;
  }
}

}  // namespace

FieldDiff diff_fields(const Message& message, const json::object& before, const json::object& after) {
  FieldDiff out;
  diff_objects(TypedNode::root(message), before, after, out);
  strip_unowned(out.changed);
  strip_unowned(out.removed);
  return out;
}

FieldSet fields_of(const Message& message, const json::object& config) {
  const auto root = TypedNode::root(message);
  FieldSet out;
  for (const auto& [key, value] : config)
    if (!value.is_null() && message.field(key) != nullptr)
      out.put(field_name(key), all_fields(root.member(key), value, For::apply));
  strip_unowned(out);
  return out;
}

}  // namespace podwire::kube
