#pragma once
#include <map>
#include <string>
#include <vector>

#include "kube/json.h"

namespace podwire::kube {

/// A set of fields of one object: a tree of path elements, of which those with `member` are in the set. Path
/// elements are spelled as FieldsV1 does: `f:spec` (a field, a key of a map), `k:{"name":"a"}` (an element of
/// a list by its keys), `v:"x"` (an element of a set). Elements that lead to no member are never kept. Value
/// type.
struct FieldSet {
  bool member = false;
  std::map<std::string, FieldSet, std::less<>> children;

  [[nodiscard]] bool empty() const { return !member && children.empty(); }
  [[nodiscard]] const FieldSet* at(std::string_view element) const;
  /// Puts `set` below `element`, if there is something in it.
  void put(std::string element, FieldSet set);

  void unite(const FieldSet& other);
  /// What is in both stays.
  [[nodiscard]] FieldSet intersection(const FieldSet& other) const;
  void subtract(const FieldSet& other);
  /// Takes out the members of `other` with all that is below them.
  void subtract_trees(const FieldSet& other);

  /// FieldsV1.
  [[nodiscard]] json::object to_json() const;
  [[nodiscard]] static FieldSet from_json(const json::object& fields);
  /// All members as people read them: `.spec.containers[name="a"].image`.
  [[nodiscard]] std::vector<std::string> paths() const;

  friend bool operator==(const FieldSet& a, const FieldSet& b) {
    return a.member == b.member && a.children == b.children;
  }
};

}  // namespace podwire::kube
