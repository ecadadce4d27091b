#include "kube/patch/strategic_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <unordered_map>

#include "kube/patch/go_text.h"

namespace podwire::kube::strategic {
namespace {

/// Where each element stands, by its key.
using Places = std::unordered_map<std::string, std::size_t>;

struct Element {
  std::string key;
  json::value value;
};

/// The elements that the patch names, in its order, and those that only the server has, in theirs. Where both
/// stood in the server's list already, they keep their order as far as the patch allows it.
json::array in_order(std::vector<Element> elements, const Places& before, const Places& wanted) {
  std::vector<Element*> named, others;
  for (auto& element : elements) (wanted.contains(element.key) ? named : others).push_back(&element);
  // Elements of one key stay in their order, which is that of their addresses.
  std::ranges::sort(named, {}, [&](Element* e) { return std::pair(wanted.at(e->key), e); });
  json::array out;
  out.reserve(elements.size());
  const auto other_is_first = [&](const Element& one, const Element& other) {
    const auto a = before.find(one.key);
    const auto b = before.find(other.key);
    return a != before.end() && b != before.end() && b->second < a->second;
  };
  for (std::size_t i = 0, j = 0; i < named.size() || j < others.size();) {
    const auto take_other = i == named.size() || (j < others.size() && other_is_first(*named[i], *others[j]));
    out.push_back(std::move((take_other ? others[j++] : named[i++])->value));
  }
  return out;
}

std::string text_of(const json::value& value) { return json::serialize(value); }

Answer<std::string> key_of(const Field& field, const json::value& item) {
  const auto* object = item.if_object();
  if (object == nullptr) return bad_request(fmt::format("each element of {} must be an object", field.name));
  const auto* key = object->if_contains(field.patch_key);
  if (key == nullptr || key->is_null())
    return bad_request(
        fmt::format("map: {} does not contain declared merge key: {}", go_text(item), field.patch_key));
  return text_of(*key);
}

std::string_view directive_of(const json::value& item) {
  const auto* object = item.if_object();
  return object != nullptr ? text_in(*object, kDirective) : std::string_view();
}

/// As text where it has a key; what has none is told from all others.
std::string key_or_own(const Field& field, const json::value& item, std::size_t index) {
  auto key = key_of(field, item);
  return key ? std::move(*key) : fmt::format("#{}", index);
}

/// What $setElementOrder says: the keys one after the other, and where each is first.
struct Order {
  std::vector<std::string> keys;
  Places places;

  void add(std::string key) {
    places.emplace(key, keys.size());
    keys.push_back(std::move(key));
  }
};

/// What the patch has must come in the order that it demands.
Answer<> check_order(std::string_view name, const std::vector<std::string>& keys, const Order& order,
                     const ListPatch& patch) {
  if (patch.order == nullptr) return {};
  auto at = order.keys.begin();
  for (const auto& key : keys) {
    at = std::find(at, order.keys.end(), key);
    if (at == order.keys.end())
      return bad_request(fmt::format("The order in patch list:\n{}\n doesn't match {}{} list:\n{}\n",
                                     go_text(*patch.items), kOrderPrefix, name, go_text(*patch.order)));
    ++at;
  }
  return {};
}

/// The items as they are, two of one key too: the addresses of a dual-stack node, as its kubelet writes them.
Answer<json::array> replacement(const Field& field, const json::array& items) {
  json::array out;
  for (const auto& item : items) {
    const auto directive = directive_of(item);
    if (directive == "replace" || directive == "delete") continue;
    if (!item.is_object())
      return bad_request(fmt::format("each element of {} must be an object", field.name));
    out.push_back(TRY(merge(field.type.message, json::object(), item.get_object())));
  }
  return out;
}

}  // namespace

Answer<json::array> merge_keyed(const Field& field, json::array live, const ListPatch& patch) {
  Order order;
  if (patch.order != nullptr)
    for (const auto& item : *patch.order) order.add(TRY(key_of(field, item)));
  const json::array none;
  const auto& items = patch.items != nullptr ? *patch.items : none;
  const auto replaces =
      std::ranges::any_of(items, [](const json::value& item) { return directive_of(item) == "replace"; });
  if (replaces) return replacement(field, items);
  Places deleted;
  for (const auto& item : items)
    if (directive_of(item) == "delete") deleted.emplace(TRY(key_of(field, item)), 0);

  Places before, at, named;
  std::vector<std::string> keys;
  std::vector<Element> elements;
  elements.reserve(live.size() + items.size());
  for (std::size_t i = 0; i < live.size(); ++i) {
    auto key = key_or_own(field, live[i], i);
    before.emplace(key, i);
    if (deleted.contains(key)) continue;
    at.emplace(key, elements.size());
    elements.push_back({std::move(key), std::move(live[i])});
  }
  for (const auto& item : items) {
    const auto directive = directive_of(item);
    if (directive == "delete") continue;
    auto key = TRY(key_of(field, item));
    keys.push_back(key);
    const auto [found, is_new] = at.try_emplace(key, elements.size());
    if (is_new) elements.push_back({key, json::object()});
    auto& value = elements[found->second].value;
    value = TRY(merge(field.type.message, std::move(value.get_object()), item.get_object()));
    named.emplace(std::move(key), named.size());
  }
  TRY(check_order(field.name, keys, order, patch));
  return in_order(std::move(elements), before, patch.order != nullptr ? order.places : named);
}

Answer<json::array> merge_set(std::string_view name, json::array live, const ListPatch& patch) {
  Order order;
  if (patch.order != nullptr)
    for (const auto& item : *patch.order) order.add(text_of(item));
  Places removed;
  if (patch.removed != nullptr)
    for (const auto& item : *patch.removed) removed.emplace(text_of(item), 0);

  Places before, at, named;
  std::vector<std::string> keys;
  std::vector<Element> elements;
  for (auto& item : live) {
    Element element{text_of(item), std::move(item)};
    if (removed.contains(element.key)) continue;
    before.emplace(element.key, before.size());
    at.emplace(element.key, 0);
    elements.push_back(std::move(element));
  }
  if (patch.items != nullptr)
    for (const auto& item : *patch.items) {
      if (item.is_object() || item.is_array() || item.is_null())
        return bad_request(fmt::format("each element of {} must be a plain value", name));
      Element element{text_of(item), item};
      keys.push_back(element.key);
      named.emplace(element.key, named.size());
      if (at.emplace(element.key, 0).second) elements.push_back(std::move(element));
    }
  TRY(check_order(name, keys, order, patch));
  return in_order(std::move(elements), before, patch.order != nullptr ? order.places : named);
}

}  // namespace podwire::kube::strategic
