#include <fmt/format.h>

#include <set>

#include "base/addr.h"
#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"
#include "kube/rules/pod_spec.h"
#include "kube/rules/resource_list.h"

namespace podwire::kube {
namespace {

constexpr std::size_t kNameservers = 3, kSearches = 32, kSearchBytes = 2048;

void check_host_network(const FieldCursor& spec, PodUse use) {
  if (!spec["hostNetwork"].flag()) return;
  spec["containers"].each([&](const FieldCursor& container) {
    container["ports"].each([&](const FieldCursor& port) {
      const auto host = port["hostPort"].number();
      if ((use == PodUse::pod || host != 0) && host != port["containerPort"].number())
        port["hostPort"].invalid(fmt::format("{}", host),
                                 "must match `containerPort` when `hostNetwork` is true");
    });
  });
}

void check_dns(const FieldCursor& spec) {
  const auto policy = spec["dnsPolicy"], config = spec["dnsConfig"], servers = config["nameservers"],
             searches = config["searches"];
  check_one_of(policy, {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
  if (policy.text() == "None") {
    if (!config.present()) return config.required("must provide `dnsConfig` when `dnsPolicy` is None");
    if (servers.empty())
      return servers.required("must provide at least one DNS nameserver when `dnsPolicy` is None");
  }
  if (servers.size() > kNameservers)
    servers.invalid(fmt::format("must not have more than {} nameservers", kNameservers));
  servers.each([](const FieldCursor& server) { check(server, ip_address(server.text())); });
  if (searches.size() > kSearches)
    searches.invalid(fmt::format("must not have more than {} search paths", kSearches));
  std::size_t bytes = searches.empty() ? 0 : searches.size() - 1;
  searches.each([&](const FieldCursor& search) { bytes += search.text().size(); });
  if (bytes > kSearchBytes)
    searches.invalid(fmt::format(
        "must not have more than {} characters (including spaces) in the search list", kSearchBytes));
  config["options"].each([](const FieldCursor& option) {
    if (option["name"].empty()) option.required("must not be empty");
  });
}

void check_names(const FieldCursor& spec) {
  const auto one = [&](std::string_view key, NameRule rule) {
    if (!spec[key].empty()) check(spec[key], rule(spec[key].text()));
  };
  one("serviceAccountName", dns1123_subdomain);
  one("nodeName", dns1123_subdomain);
  one("hostname", dns1123_label);
  one("subdomain", dns1123_label);
  one("priorityClassName", dns1123_subdomain);
  one("runtimeClassName", dns1123_subdomain);
  spec["hostAliases"].each([](const FieldCursor& alias) {
    check(alias["ip"], ip_address(alias["ip"].text()));
    alias["hostnames"].each([](const FieldCursor& name) { check(name, dns1123_subdomain(name.text())); });
  });
  spec["readinessGates"].each([](const FieldCursor& gate) {
    check(gate["conditionType"], qualified_name(gate["conditionType"].text()));
  });
}

void check_security_context(const FieldCursor& context) {
  for (const std::string_view key : {"runAsUser", "runAsGroup", "fsGroup"})
    if (context[key].present()) check(context[key], in_range(context[key].number(), 0, INT32_MAX));
  context["supplementalGroups"].each(
      [](const FieldCursor& group) { check(group, in_range(group.number(), 0, INT32_MAX)); });
  std::set<std::string_view> seen;
  context["sysctls"].each([&](const FieldCursor& sysctl) {
    if (sysctl["name"].empty())
      sysctl["name"].required();
    else if (!seen.insert(sysctl["name"].text()).second)
      sysctl["name"].duplicate();
  });
}

void check_ips(const FieldCursor& list) {
  std::set<Family> families;
  std::set<std::string_view> seen;
  bool twice = list.size() > 2;
  list.each([&](const FieldCursor& entry) {
    const auto text = entry["ip"].text();
    check(entry, text, ip_address(text));
    if (const auto ip = IpAddr::parse(text)) twice = !families.insert(ip->family()).second || twice;
  });
  if (list.size() > 1 && twice) list.invalid("may specify no more than one IP for each IP family");
  list.each([&](const FieldCursor& entry) {
    if (!seen.insert(entry["ip"].text()).second) entry.duplicate();
  });
}

/// Containers that have ended for good do not run again.
void check_ended(const FieldCursor& object, const json::object& old, std::string_view key) {
  const auto policy = text_in(old, "spec", "restartPolicy");
  const auto* before = array_in(old, "status", key);
  if (policy == "Always" || before == nullptr) return;
  const auto after = object["status"][key];
  for (std::size_t i = 0; i < before->size(); ++i) {
    const auto* was = (*before)[i].if_object();
    const auto* ended = was != nullptr ? object_in(*was, "state", "terminated") : nullptr;
    if (ended == nullptr) continue;
    const auto* code = ended->if_contains("exitCode");
    if (policy == "OnFailure" && code != nullptr && *code != json::value(0)) continue;
    after.each([&](const FieldCursor& now) {
      if (now["name"].text() == text_in(*was, "name") && !now["state"]["terminated"].present())
        after.at_index(i)["state"].forbidden("may not be transitioned to non-terminated state");
    });
  }
}

}  // namespace

void check_pod_spec(const FieldCursor& spec, PodUse use) {
  if (!spec["terminationGracePeriodSeconds"].present()) spec["terminationGracePeriodSeconds"].required();
  const auto volumes = check_volumes(spec["volumes"]);
  check_containers(spec, volumes, use);
  check_resources(spec["resources"]);
  check_host_network(spec, use);
  check_one_of(spec["restartPolicy"], {"Always", "OnFailure", "Never"});
  check_security_context(spec["securityContext"]);
  check_dns(spec);
  check_scheduling(spec);
  check_names(spec);
  if (const auto deadline = spec["activeDeadlineSeconds"]; deadline.present())
    check(deadline, in_range(deadline.number(), 1, INT32_MAX));
  if (const auto policy = spec["preemptionPolicy"]; policy.present())
    check_one_of(policy, {"PreemptLowerPriority", "Never"});
  if (const auto os = spec["os"]; os.present()) check_one_of(os["name"], {"linux", "windows"});
}

void check_pod_template(const FieldCursor& pod_template) {
  // Kubernetes leaves "metadata" out of these paths.
  const auto part = [&](std::string_view key) {
    return pod_template[key].with_value(pod_template["metadata"][key].value());
  };
  check_labels(part("labels"));
  check_annotations(part("annotations"));
  const auto spec = pod_template["spec"];
  check_pod_spec(spec, PodUse::template_of_pods);
  if (!spec["ephemeralContainers"].empty())
    spec["ephemeralContainers"].forbidden("ephemeral containers not allowed in pod template");
}

void check_pod(const FieldCursor& object, const CheckContext& context) {
  check_pod_spec(object["spec"], PodUse::pod);
  if (context.old != nullptr) check_pod_changes(object, *context.old);
}

void check_pod_status(const FieldCursor& object, const CheckContext& context) {
  const auto status = object["status"];
  check_ips(status["podIPs"]);
  const auto hosts = status["hostIPs"];
  if (!hosts.empty() && hosts.at_index(0)["ip"].text() != status["hostIP"].text())
    hosts.at_index(0)["ip"].invalid("must be equal to `hostIP`");
  check_ips(hosts);
  if (context.old == nullptr) return;
  if (const auto* qos = in(*context.old, "status", "qosClass");
      qos != nullptr && status["qosClass"].present())
    check_unchanged(status["qosClass"], qos);
  check_ended(object, *context.old, "containerStatuses");
}

}  // namespace podwire::kube
