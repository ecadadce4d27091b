#include "kube/patch/field_set.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

constexpr std::string_view kSelf = ".";

std::string readable(std::string_view element) {
  const auto kind = element.substr(0, 2);
  const auto rest = element.substr(std::min<std::size_t>(2, element.size()));
  if (kind == "f:") return fmt::format(".{}", rest);
  if (kind == "v:") return fmt::format("[={}]", rest);
  boost::system::error_code error;
  const auto keys = kind == "k:" ? json::parse(rest, error) : json::value();
  const auto* object = keys.if_object();
  if (object == nullptr) return fmt::format("[{}]", rest);
  std::string out;
  for (const auto& [key, value] : *object)
    out += fmt::format("{}{}={}", out.empty() ? "" : ",", std::string_view(key), json::serialize(value));
  return fmt::format("[{}]", out);
}

void add_paths(const FieldSet& set, const std::string& path, std::vector<std::string>& out) {
  if (set.member) out.push_back(path);
  for (const auto& [element, child] : set.children) add_paths(child, path + readable(element), out);
}

}  // namespace

const FieldSet* FieldSet::at(std::string_view element) const {
  const auto found = children.find(element);
  return found != children.end() ? &found->second : nullptr;
}

void FieldSet::put(std::string element, FieldSet set) {
  if (!set.empty()) children.insert_or_assign(std::move(element), std::move(set));
}

void FieldSet::unite(const FieldSet& other) {
  member |= other.member;
  for (const auto& [element, child] : other.children) children[element].unite(child);
}

FieldSet FieldSet::intersection(const FieldSet& other) const {
  FieldSet out;
  out.member = member && other.member;
  for (const auto& [element, child] : children)
    if (const auto* theirs = other.at(element)) out.put(element, child.intersection(*theirs));
  return out;
}

void FieldSet::subtract(const FieldSet& other) {
  if (other.member) member = false;
  for (const auto& [element, theirs] : other.children) {
    const auto mine = children.find(element);
    if (mine == children.end()) continue;
    mine->second.subtract(theirs);
    if (mine->second.empty()) children.erase(mine);
  }
}

void FieldSet::subtract_trees(const FieldSet& other) {
  if (other.member) {
    *this = {};
    return;
  }
  for (const auto& [element, theirs] : other.children) {
    const auto mine = children.find(element);
    if (mine == children.end()) continue;
    mine->second.subtract_trees(theirs);
    if (mine->second.empty()) children.erase(mine);
  }
}

json::object FieldSet::to_json() const {
  json::object out;
  out.reserve(children.size() + 1);
  if (member && !children.empty()) out[kSelf].emplace_object();
  for (const auto& [element, child] : children) out[element] = child.to_json();
  return out;
}

FieldSet FieldSet::from_json(const json::object& fields) {
  FieldSet out;
  for (const auto& [element, value] : fields) {
    if (element == kSelf) {
      out.member = true;
    } else if (const auto* below = value.if_object()) {
      auto child = from_json(*below);
      if (below->empty()) child.member = true;
      out.put(element, std::move(child));
    }
  }
  return out;
}

std::vector<std::string> FieldSet::paths() const {
  std::vector<std::string> out;
  add_paths(*this, "", out);
  return out;
}

}  // namespace podwire::kube
