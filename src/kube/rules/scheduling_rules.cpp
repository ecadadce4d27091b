#include <fmt/format.h>

#include <set>

#include "kube/rules/object_meta.h"
#include "kube/rules/pod_spec.h"

namespace podwire::kube {
namespace {

void check_node_expression(const FieldCursor& expression) {
  const auto op = expression["operator"], values = expression["values"];
  if (op.text() == "In" || op.text() == "NotIn") {
    if (values.empty()) values.required("must be specified when `operator` is 'In' or 'NotIn'");
  } else if (op.text() == "Exists" || op.text() == "DoesNotExist") {
    if (!values.empty())
      values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else if (op.text() == "Gt" || op.text() == "Lt") {
    if (values.size() != 1) values.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
  } else {
    op.invalid("not a valid selector operator");
  }
}

void check_node_term(const FieldCursor& term) {
  term["matchExpressions"].each([](const FieldCursor& expression) {
    check_node_expression(expression);
    check(expression["key"], qualified_name(expression["key"].text()));
  });
  term["matchFields"].each([](const FieldCursor& expression) {
    const auto op = expression["operator"], values = expression["values"];
    if (op.text() == "In" || op.text() == "NotIn") {
      if (values.size() != 1)
        values.required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
    } else {
      op.invalid("not a valid selector operator");
    }
    if (expression["key"].text() != "metadata.name")
      expression["key"].invalid("not a valid field selector key");
  });
}

void check_weight(const FieldCursor& preference) {
  const auto weight = preference["weight"];
  if (weight.number() < 1 || weight.number() > 100)
    weight.invalid(fmt::format("{}", weight.number()), "must be in the range 1-100");
}

void check_node_affinity(const FieldCursor& affinity) {
  if (const auto required = affinity["requiredDuringSchedulingIgnoredDuringExecution"]; required.present()) {
    const auto terms = required["nodeSelectorTerms"];
    if (terms.empty()) terms.required("must have at least one node selector term");
    terms.each(check_node_term);
  }
  affinity["preferredDuringSchedulingIgnoredDuringExecution"].each([](const FieldCursor& preference) {
    check_weight(preference);
    check_node_term(preference["preference"]);
  });
}

void check_pod_term(const FieldCursor& term) {
  check_label_selector(term["labelSelector"]);
  check_label_selector(term["namespaceSelector"]);
  term["namespaces"].each([](const FieldCursor& name) { check(name, dns1123_label(name.text())); });
  const auto key = term["topologyKey"];
  if (key.empty())
    key.required("can not be empty");
  else
    check(key, qualified_name(key.text()));
}

void check_pod_affinity(const FieldCursor& affinity) {
  affinity["requiredDuringSchedulingIgnoredDuringExecution"].each(check_pod_term);
  affinity["preferredDuringSchedulingIgnoredDuringExecution"].each([](const FieldCursor& preference) {
    check_weight(preference);
    check_pod_term(preference["podAffinityTerm"]);
  });
}

void check_spread(const FieldCursor& constraints) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  constraints.each([&](const FieldCursor& one) {
    const auto skew = one["maxSkew"], key = one["topologyKey"], action = one["whenUnsatisfiable"],
               domains = one["minDomains"];
    if (skew.number() <= 0) skew.invalid(fmt::format("{}", skew.number()), "must be greater than 0");
    if (key.empty()) key.required("can not be empty");
    if (action.text() != "DoNotSchedule" && action.text() != "ScheduleAnyway")
      action.not_supported({"DoNotSchedule", "ScheduleAnyway"});
    if (!seen.emplace(key.text(), action.text()).second)
      one.duplicate(quoted(fmt::format("{{{}, {}}}", key.text(), action.text())));
    if (domains.present() && domains.number() <= 0) domains.invalid("must be greater than 0");
    if (domains.present() && action.text() != "DoNotSchedule")
      domains.invalid(
          fmt::format("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {}", action.text()));
    for (const std::string_view policy : {"nodeAffinityPolicy", "nodeTaintsPolicy"})
      if (one[policy].present()) check_one_of(one[policy], {"Honor", "Ignore"});
    check_label_selector(one["labelSelector"]);
  });
}

}  // namespace

void check_tolerations(const FieldCursor& tolerations) {
  tolerations.each([](const FieldCursor& one) {
    const auto key = one["key"], op = one["operator"], value = one["value"], effect = one["effect"];
    if (!key.empty()) check(key, qualified_name(key.text()));
    if (key.empty() && op.text() != "Exists")
      op.invalid(
          R"(operator must be Exists when `key` is empty, which means "match all values and all keys")");
    if (one["tolerationSeconds"].present() && effect.text() != "NoExecute")
      effect.invalid("effect must be 'NoExecute' when `tolerationSeconds` is set");
    const auto said = op.with_value(value.value());  // as Kubernetes says it: of the operator, with the value
    if (op.empty() || op.text() == "Equal") {
      if (const auto why = label_value(value.text()); !why.empty())
        said.invalid(fmt::format("{}", fmt::join(why, ";")));
    } else if (op.text() == "Exists") {
      if (!value.empty()) said.invalid("value must be empty when `operator` is 'Exists'");
    } else {
      op.not_supported({"Equal", "Exists"});
    }
    if (!effect.empty()) check_one_of(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
  });
}

void check_scheduling(const FieldCursor& spec) {
  check_labels(spec["nodeSelector"]);
  const auto affinity = spec["affinity"];
  check_node_affinity(affinity["nodeAffinity"]);
  check_pod_affinity(affinity["podAffinity"]);
  check_pod_affinity(affinity["podAntiAffinity"]);
  std::set<std::string_view> gates;
  spec["schedulingGates"].each([&](const FieldCursor& gate) {
    const auto name = gate["name"].text();
    check(gate, name, qualified_name(name));
    if (!gates.insert(name).second) gate.duplicate(quoted(name));
  });
  check_spread(spec["topologySpreadConstraints"]);
  check_tolerations(spec["tolerations"]);
}

}  // namespace podwire::kube
