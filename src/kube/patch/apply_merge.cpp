#include "kube/patch/apply_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace podwire::kube {
namespace {

using Form = TypedNode::Form;

bool is_object_form(const TypedNode& node) { return node.form == Form::message || node.form == Form::map; }

/// What the path elements of a list are in a message: `[name="a"]`.
std::string readable(const std::string& element) {
  FieldSet one;
  one.put(element, {.member = true});
  return one.paths().front();
}

/// The elements of one list by their names; the first of each name.
struct Named {
  std::vector<std::string> names;
  std::unordered_map<std::string_view, std::size_t> places;

  void add(std::string name) { names.push_back(std::move(name)); }
  void index() {
    for (std::size_t i = 0; i < names.size(); ++i) places.emplace(names[i], i);
  }
  [[nodiscard]] bool has(const std::string& name) const { return places.contains(name); }
};

/// What has no name in a live list is told from all others.
Named names_in(const TypedNode& node, const json::array& live) {
  Named out;
  for (std::size_t i = 0; i < live.size(); ++i) {
    auto name = node.name_of(live[i]);
    out.add(name ? std::move(*name) : fmt::format("i:{}", i));
  }
  out.index();
  return out;
}

Answer<Named> names_of(const TypedNode& node, const json::array& config, const std::string& path) {
  Named out;
  for (std::size_t i = 0; i < config.size(); ++i) {
    auto name = node.name_of(config[i]);
    if (!name && node.form == Form::set)
      return bad_request(fmt::format("{}: element {}: must be a plain value", path, i));
    if (!name)
      return bad_request(fmt::format("{}: element {}: must be an object with the key fields {}", path, i,
                                     fmt::join(node.field->list_keys, ", ")));
    out.add(std::move(*name));
  }
  out.index();
  for (std::size_t i = 0; i < out.names.size(); ++i)
    if (out.places.at(out.names[i]) != i)
      return bad_request(fmt::format("{}: duplicate entries for key {}", path, readable(out.names[i])));
  return out;
}

Answer<> merge_list(const TypedNode& node, json::array& live, const json::array& config,
                    const std::string& path) {
  const auto wanted = TRY(names_of(node, config, path));
  const auto old = names_in(node, live);
  json::array out;
  out.reserve(live.size() + config.size());
  const auto take_wanted = [&](std::size_t i) -> Answer<> {
    const auto there = old.places.find(wanted.names[i]);
    json::value value;
    if (there != old.places.end()) value = std::move(live[there->second]);
    TRY(merge_config(node.element(), value, config[i], path + readable(wanted.names[i])));
    out.push_back(std::move(value));
    return {};
  };
  for (std::size_t l = 0, w = 0; l < live.size() || w < config.size();) {
    if (l < live.size() && !wanted.has(old.names[l])) {
      out.push_back(std::move(live[l++]));
    } else if (w < config.size() && (l == live.size() || !old.has(wanted.names[w]))) {
      TRY(take_wanted(w++));
    } else if (w < config.size() && wanted.names[w] == old.names[l]) {
      TRY(take_wanted(w++));
      ++l;
    } else {
      ++l;  // comes where the configuration has it, or came already
    }
  }
  live = std::move(out);
  return {};
}

Answer<> merge_object(const TypedNode& node, json::object& live, const json::object& config,
                      const std::string& path) {
  for (const auto& [key, value] : config)
    if (!value.is_null())
      TRY(merge_config(node.member(key), live[key], value, fmt::format("{}.{}", path, key)));
  return {};
}

std::vector<const FieldSet*> below(std::span<const FieldSet* const> keepers, std::string_view element) {
  std::vector<const FieldSet*> out;
  for (const auto* keeper : keepers)
    if (const auto* inner = keeper->at(element)) out.push_back(inner);
  return out;
}

void prune_object(const TypedNode& node, json::object& object, const FieldSet& last,
                  std::span<const FieldSet* const> keepers, const std::vector<std::string>* keys) {
  for (const auto& [element, inner] : last.children) {
    if (!element.starts_with("f:")) continue;
    const auto name = std::string_view(element).substr(2);
    const auto at = object.find(name);
    // An element that stays keeps the fields that tell it from the others.
    if (at == object.end() || (keys != nullptr && std::ranges::find(*keys, name) != keys->end())) continue;
    const auto kept = below(keepers, element);
    if (kept.empty())
      object.stable_erase(at);
    else
      prune_fields(node.member(name), at->value(), inner, kept);
  }
}

void prune_list(const TypedNode& node, json::array& list, const FieldSet& last,
                std::span<const FieldSet* const> keepers) {
  json::array out;
  out.reserve(list.size());
  for (auto& value : list) {
    const auto name = node.name_of(value);
    const auto* inner = name ? last.at(*name) : nullptr;
    if (inner != nullptr) {
      const auto kept = below(keepers, *name);
      if (kept.empty()) continue;
      if (auto* object = value.if_object())
        prune_object(node.element(), *object, *inner, kept, &node.field->list_keys);
    }
    out.push_back(std::move(value));
  }
  list = std::move(out);
}

}  // namespace

Answer<> merge_config(const TypedNode& node, json::value& live, const json::value& config,
                      const std::string& path) {
  if (is_object_form(node)) {
    if (!config.is_object()) return bad_request(fmt::format("{}: expected map", path));
    return merge_object(node, live.is_object() ? live.get_object() : live.emplace_object(),
                        config.get_object(), path);
  }
  if (node.form == Form::set || node.form == Form::keyed) {
    if (!config.is_array()) return bad_request(fmt::format("{}: expected list", path));
    return merge_list(node, live.is_array() ? live.get_array() : live.emplace_array(), config.get_array(),
                      path);
  }
  live = config;
  return {};
}

void prune_fields(const TypedNode& node, json::value& value, const FieldSet& last,
                  std::span<const FieldSet* const> keepers) {
  if (auto* object = value.if_object(); object != nullptr && is_object_form(node))
    prune_object(node, *object, last, keepers, nullptr);
  else if (auto* list = value.if_array();
           list != nullptr && (node.form == Form::set || node.form == Form::keyed))
    prune_list(node, *list, last, keepers);
}

}  // namespace podwire::kube
