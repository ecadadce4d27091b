#include "kube/table/cells.h"
#include "kube/table/human_time.h"
#include "kube/table/pod_status.h"

namespace podwire::kube {
namespace {

std::string restarts_text(const PodStatus& status, std::chrono::sys_seconds now) {
  auto out = std::to_string(status.restarts);
  if (status.restarts != 0 && status.last_restart)
    out += " (" + human_duration(now - *status.last_restart) + " ago)";
  return out;
}

std::string_view pod_ip(const json::object& pod) {
  const auto* ips = array_in(pod, "status", "podIPs");
  if (size_of(ips) > 0)
    if (const auto* first = ips->front().if_object()) return or_else(text_in(*first, "ip"), "<none>");
  return or_else(text_in(pod, "status", "podIP"), "<none>");
}

std::string_view status_of_condition(const json::object& pod, std::string_view type) {
  const auto* conditions = array_in(pod, "status", "conditions");
  for (std::size_t i = 0; i < size_of(conditions); ++i)
    if (const auto* one = (*conditions)[i].if_object(); one != nullptr && text_in(*one, "type") == type)
      return text_in(*one, "status");
  return {};
}

/// "1/2": how many of the conditions that the pod waits for are true.
std::string readiness_gates(const json::object& pod) {
  const auto* gates = array_in(pod, "spec", "readinessGates");
  if (size_of(gates) == 0) return "<none>";
  int open = 0;
  each_object(gates, [&](const json::object& gate) {
    open += status_of_condition(pod, text_in(gate, "conditionType")) == "True" ? 1 : 0;
  });
  return std::to_string(open) + "/" + std::to_string(gates->size());
}

json::array pod_cells(const json::object& pod, std::chrono::sys_seconds now) {
  const auto status = PodStatus::of(pod);
  return {name_of(pod),
          std::to_string(status.ready) + "/" + std::to_string(status.containers),
          status.reason,
          restarts_text(status, now),
          age_of(pod, now),
          pod_ip(pod),
          or_else(text_in(pod, "spec", "nodeName"), "<none>"),
          or_else(text_in(pod, "status", "nominatedNodeName"), "<none>"),
          readiness_gates(pod)};
}

}  // namespace

const Layout& pod_layout() {
  static const Layout layout{
      {name_column(),
       {"Ready", "string", "", "How many of its containers are ready, of how many."},
       {"Status", "string", "", "The phase of the pod, or what keeps it from running."},
       {"Restarts", "string", "", "How often its containers were started again, and when last."},
       age_column(),
       {"IP", "string", "", "Its first address.", 1},
       {"Node", "string", "", "The node that it is bound to.", 1},
       {"Nominated Node", "string", "", "The node where room is being made for it.", 1},
       {"Readiness Gates", "string", "", "How many of the extra conditions that it waits for are true.", 1}},
      pod_cells};
  return layout;
}

}  // namespace podwire::kube
