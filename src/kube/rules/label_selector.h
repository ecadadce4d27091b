#pragma once
#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "kube/rules/labels.h"
#include "kube/status.h"

namespace podwire::kube {

/// One condition on one label.
struct Requirement {
  enum class Op : std::uint8_t { equals, not_equals, in, not_in, exists, absent, greater, less };
  std::string key;
  Op op = Op::exists;
  std::vector<std::string> values;  ///< sorted, each once; one for equals, not_equals, greater, less

  /// `value` is the label's value, nullptr where there is no such label.
  [[nodiscard]] bool matches(const std::string* value) const;
  friend auto operator<=>(const Requirement&, const Requirement&) = default;
};

/// Which objects are meant, by their labels: all requirements hold. Ready to be matched against many objects;
/// value type. Default: everything.
class LabelSelector {
 public:
  LabelSelector() = default;
  /// The `labelSelector` of a query: "app=web,tier in (a,b),!canary". 400 in Kubernetes' words.
  static Answer<LabelSelector> parse(std::string_view text);
  /// A meta/v1 LabelSelector; nullptr selects nothing, {} everything. Must have been validated: 400 for
  /// an operator that is not known.
  static Answer<LabelSelector> from_json(const json::object* selector);
  /// A plain map (Service.spec.selector): all labels as given.
  static LabelSelector from_map(const json::object& map);
  static LabelSelector nothing();

  [[nodiscard]] bool matches(const Labels& labels) const;
  /// The same, straight from an object's metadata.labels (nullptr: it has none).
  [[nodiscard]] bool matches(const json::object* labels) const;
  [[nodiscard]] bool selects_all() const { return !nothing_ && requirements_.empty(); }
  /// As query text (Scale's status.selector).
  [[nodiscard]] std::string str() const;
  [[nodiscard]] const std::vector<Requirement>& requirements() const { return requirements_; }

  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;

 private:
  explicit LabelSelector(std::vector<Requirement> requirements);
  std::vector<Requirement> requirements_;  // sorted
  bool nothing_ = false;
};

}  // namespace podwire::kube
