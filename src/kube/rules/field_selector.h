#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/rules/labels.h"
#include "kube/status.h"

namespace podwire::kube {

/// The fields by which objects of a resource ("pods", "deployments.apps") can be selected, with an object's
/// values of them, sorted by name. A field that is not set has the value that its type starts with ("",
/// "false").
[[nodiscard]] Labels selectable_fields(std::string_view resource, const json::object& object);

/// Which objects are meant, by fields: all conditions hold. Value type. Default: everything.
class FieldSelector {
 public:
  struct Condition {
    std::string field;
    bool equals = true;
    std::string value;
    friend bool operator==(const Condition&, const Condition&) = default;
  };

  /// The `fieldSelector` of a query: "spec.nodeName=n1,status.phase!=Failed"; in values `\,`, `\=` and `\\`
  /// stand for the character itself. 400 in Kubernetes' words, also for a field that the resource lacks.
  static Answer<FieldSelector> parse(std::string_view resource, std::string_view text);

  /// `fields` are an object's selectable_fields.
  [[nodiscard]] bool matches(const Labels& fields) const;
  /// Straight from an object of the resource that the selector was parsed for.
  [[nodiscard]] bool matches(const json::object& object) const;
  /// The value that a field must have: what an index can look up.
  [[nodiscard]] std::optional<std::string_view> exact(std::string_view field) const;
  [[nodiscard]] bool selects_all() const { return conditions_.empty(); }
  [[nodiscard]] const std::vector<Condition>& conditions() const { return conditions_; }

  friend bool operator==(const FieldSelector&, const FieldSelector&) = default;

 private:
  std::string resource_;
  std::vector<Condition> conditions_;
};

}  // namespace podwire::kube
