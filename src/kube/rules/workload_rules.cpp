// Deployment, ReplicaSet and DaemonSet: those that make pods from a template.
#include <fmt/format.h>

#include <algorithm>

#include "kube/rules/kinds.h"
#include "kube/rules/label_selector.h"
#include "kube/rules/object_meta.h"
#include "kube/rules/pod_spec.h"

namespace podwire::kube {
namespace {

void fill_template(json::object& object) {
  auto& pod_template = object_at(object_at(object, "spec"), "template");
  fill_pod_spec(object_at(pod_template, "spec"), PodUse::template_of_pods);
}

void set_if_absent(json::object& object, std::string_view key, const json::value& value) {
  if (const auto* there = object.if_contains(key); there == nullptr || there->is_null()) object[key] = value;
}

/// `spec.strategy` of a rolling update, with the numbers that it goes by.
void fill_rolling_update(json::object& strategy, const json::value& unavailable, const json::value& surge) {
  if (text_in(strategy, "type").empty()) strategy["type"] = "RollingUpdate";
  if (text_in(strategy, "type") != "RollingUpdate") return;
  auto& rolling = object_at(strategy, "rollingUpdate");
  set_if_absent(rolling, "maxUnavailable", unavailable);
  set_if_absent(rolling, "maxSurge", surge);
}

void check_selector(const FieldCursor& spec, std::string_view kind) {
  const auto selector = spec["selector"];
  const auto labels = spec["template"]["metadata"]["labels"];
  if (!selector.present()) return selector.required();
  check_label_selector(selector);
  if (selector["matchLabels"].empty() && selector["matchExpressions"].empty())
    return selector.invalid(fmt::format("empty selector is invalid for {}", kind));
  const auto compiled = LabelSelector::from_json(selector.object());
  if (!compiled)
    selector.invalid("invalid label selector");
  else if (!compiled->matches(labels.object()))
    labels.invalid(labels.present() ? shown(*labels.value()) : "null",
                   "`selector` does not match template `labels`");
}

void check_template(const FieldCursor& pod_template, std::string_view kind) {
  check_pod_template(pod_template);
  const auto spec = pod_template["spec"];
  if (const auto policy = spec["restartPolicy"]; !policy.empty() && policy.text() != "Always")
    policy.not_supported({"Always"});
  if (spec["activeDeadlineSeconds"].present())
    spec["activeDeadlineSeconds"].forbidden(
        fmt::format("activeDeadlineSeconds in {} is not Supported", kind));
}

/// A number of pods, or a percentage of them. nullopt-like -1: no number can be read.
std::int64_t check_amount(const FieldCursor& amount) {
  if (!amount.present()) return 0;
  if (!amount.is_text()) {
    check_non_negative(amount);
    return amount.number();
  }
  if (const auto complaints = percent(amount.text()); !complaints.empty()) {
    check(amount, complaints);
    return -1;
  }
  std::int64_t out = 0;
  for (const char c : amount.text())
    if (c != '%' && out < 1'000'000) out = out * 10 + (c - '0');
  return out;
}

void check_at_most_all(const FieldCursor& amount, std::int64_t number) {
  if (amount.is_text() && number > 100) amount.invalid("must not be greater than 100%");
}

void check_strategy(const FieldCursor& strategy) {
  const auto type = strategy["type"], rolling = strategy["rollingUpdate"];
  if (type.text() == "Recreate") {
    if (rolling.present()) rolling.forbidden("may not be specified when strategy `type` is 'Recreate'");
    return;
  }
  if (type.text() != "RollingUpdate") return type.not_supported({"Recreate", "RollingUpdate"});
  if (!rolling.present()) return rolling.required("this should be defaulted and never be nil");
  const auto unavailable = rolling["maxUnavailable"], surge = rolling["maxSurge"];
  const auto down = check_amount(unavailable), up = check_amount(surge);
  if (down == 0 && up == 0) unavailable.invalid("may not be 0 when `maxSurge` is 0");
  check_at_most_all(unavailable, down);
}

void check_update_strategy(const FieldCursor& strategy) {
  const auto type = strategy["type"], rolling = strategy["rollingUpdate"];
  if (type.text() == "OnDelete") return;
  if (type.text() != "RollingUpdate") return type.not_supported({"OnDelete", "RollingUpdate"});
  if (!rolling.present()) return rolling.required();
  const auto unavailable = rolling["maxUnavailable"], surge = rolling["maxSurge"];
  const auto down = check_amount(unavailable), up = check_amount(surge);
  check_at_most_all(unavailable, down);
  check_at_most_all(surge, up);
  if (down > 0 && up > 0) surge.invalid("may not be set when maxUnavailable is non-zero");
  if (down == 0 && up == 0) unavailable.required("cannot be 0 when maxSurge is 0");
}

void check_selector_stays(const FieldCursor& object, const CheckContext& context) {
  if (context.old != nullptr)
    check_unchanged(object["spec"]["selector"], in(*context.old, "spec", "selector"));
}

}  // namespace

void fill_deployment(json::object& object) {
  auto& spec = object_at(object, "spec");
  set_if_absent(spec, "replicas", 1);
  set_if_absent(spec, "revisionHistoryLimit", 10);
  set_if_absent(spec, "progressDeadlineSeconds", 600);
  fill_rolling_update(object_at(spec, "strategy"), "25%", "25%");
  fill_template(object);
}

void fill_replica_set(json::object& object) {
  set_if_absent(object_at(object, "spec"), "replicas", 1);
  fill_template(object);
}

void fill_daemon_set(json::object& object) {
  auto& spec = object_at(object, "spec");
  set_if_absent(spec, "revisionHistoryLimit", 10);
  fill_rolling_update(object_at(spec, "updateStrategy"), 1, 0);
  fill_template(object);
}

void start_workload(json::object& object) { object["status"] = json::object(); }

void check_deployment(const FieldCursor& object, const CheckContext& context) {
  const auto spec = object["spec"];
  check_non_negative(spec["replicas"]);
  check_selector(spec, "deployment");
  check_template(spec["template"], "ReplicaSet");
  check_strategy(spec["strategy"]);
  check_non_negative(spec["minReadySeconds"]);
  check_non_negative(spec["revisionHistoryLimit"]);
  if (const auto deadline = spec["progressDeadlineSeconds"]; deadline.present()) {
    check_non_negative(deadline);
    if (deadline.number() <= spec["minReadySeconds"].number())
      deadline.invalid("must be greater than minReadySeconds");
  }
  check_selector_stays(object, context);
}

void check_replica_set(const FieldCursor& object, const CheckContext& context) {
  const auto spec = object["spec"];
  check_non_negative(spec["replicas"]);
  check_non_negative(spec["minReadySeconds"]);
  check_selector(spec, "deployment");  // Kubernetes says so of ReplicaSets, too
  check_template(spec["template"], "ReplicaSet");
  check_selector_stays(object, context);
}

void check_daemon_set(const FieldCursor& object, const CheckContext& context) {
  const auto spec = object["spec"];
  check_selector(spec, "daemonset");
  check_template(spec["template"], "DaemonSet");
  check_non_negative(spec["minReadySeconds"]);
  check_update_strategy(spec["updateStrategy"]);
  check_non_negative(spec["revisionHistoryLimit"]);
  check_selector_stays(object, context);
}

void check_daemon_set_status(const FieldCursor& object, const CheckContext&) {
  const auto status = object["status"];
  for (const std::string_view key :
       {"currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady",
        "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable"})
    check_non_negative(status[key]);
}

void check_replicas_status(const FieldCursor& object, const CheckContext&) {
  const auto status = object["status"];
  for (const std::string_view key : {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas",
                                     "unavailableReplicas", "fullyLabeledReplicas", "observedGeneration"})
    check_non_negative(status[key]);
  const auto all = status["replicas"].number();
  for (const std::string_view key :
       {"updatedReplicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"})
    if (status[key].number() > all) status[key].invalid("cannot be greater than status.replicas");
  if (status["availableReplicas"].number() > status["readyReplicas"].number())
    status["availableReplicas"].invalid("cannot be greater than readyReplicas");
}

}  // namespace podwire::kube
