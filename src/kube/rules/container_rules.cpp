#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kube/rules/object_meta.h"
#include "kube/rules/pod_spec.h"
#include "kube/rules/resource_list.h"

namespace podwire::kube {
namespace {

using Names = std::set<std::string_view>;

void check_container_ports(const FieldCursor& ports) {
  Names names;
  ports.each([&](const FieldCursor& port) {
    const auto name = port["name"], number = port["containerPort"], host = port["hostPort"];
    if (!name.empty()) {
      const auto complaints = port_name(name.text());
      check(name, complaints);
      if (complaints.empty() && !names.insert(name.text()).second) name.duplicate();
    }
    if (number.number() == 0)
      number.required();
    else
      check_port_or_name(number);
    if (host.number() != 0) check_port_or_name(host);
    check_protocol(port["protocol"]);
  });
}

/// No two containers that run at a time take the same port of the host.
void check_host_ports(const FieldCursor& container, std::set<std::string>& taken) {
  container["ports"].each([&](const FieldCursor& port) {
    if (port["hostPort"].number() == 0) return;
    auto key =
        fmt::format("{}/{}/{}", port["protocol"].text(), port["hostIP"].text(), port["hostPort"].number());
    if (!taken.insert(key).second) port["hostPort"].duplicate(quoted(key));
  });
}

void check_relative_path(const FieldCursor& path) {
  if (path.text().starts_with('/')) path.invalid("must be a relative path");
  auto rest = path.text();
  while (!rest.empty()) {
    const auto part = rest.substr(0, rest.find('/'));
    if (part == "..") return path.invalid("must not contain '..'");
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  }
}

void check_mounts(const FieldCursor& container, const VolumeNames& volumes) {
  Names points;
  container["volumeMounts"].each([&](const FieldCursor& mount) {
    const auto name = mount["name"], path = mount["mountPath"], sub = mount["subPath"],
               expr = mount["subPathExpr"];
    if (name.empty()) name.required();
    if (!volumes.contains(name.text())) name.not_found();
    if (path.empty()) path.required();
    if (!points.insert(path.text()).second) path.invalid("must be unique");
    if (!sub.empty()) check_relative_path(sub);
    if (!expr.empty()) {
      if (!sub.empty()) expr.invalid("subPathExpr and subPath are mutually exclusive");
      check_relative_path(expr);
    }
    if (const auto propagation = mount["mountPropagation"]; propagation.present())
      check_one_of(propagation, {"Bidirectional", "HostToContainer", "None"});
  });
}

void check_security_context(const FieldCursor& context) {
  for (const std::string_view key : {"runAsUser", "runAsGroup"})
    if (context[key].present()) check(context[key], in_range(context[key].number(), 0, INT32_MAX));
  const auto escalation = context["allowPrivilegeEscalation"];
  if (escalation.present() && !escalation.flag() && context["privileged"].flag())
    context.invalid("cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
}

void check_any_container(const FieldCursor& container, const VolumeNames& volumes, PodUse use) {
  check_reference(container["name"], dns1123_label);
  const auto image = container["image"];
  if (image.empty()) image.required();
  if (use == PodUse::pod && (image.text().starts_with(' ') || image.text().ends_with(' ')))
    image.invalid("must not have leading or trailing whitespace");
  if (const auto policy = container["terminationMessagePolicy"]; policy.present())
    check_one_of(policy, {"File", "FallbackToLogsOnError"});
  check_container_ports(container["ports"]);
  check_env(container);
  check_mounts(container, volumes);
  check_one_of(container["imagePullPolicy"], {"Always", "IfNotPresent", "Never"});
  check_resources(container["resources"]);
  check_security_context(container["securityContext"]);
}

void check_name_is_new(const FieldCursor& container, Names& names) {
  const auto name = container["name"];
  if (!name.empty() && !names.insert(name.text()).second) name.duplicate();
}

void check_ephemeral(const FieldCursor& container, const Names& others) {
  constexpr std::string_view kWhy = "cannot be set for an Ephemeral Container";
  for (const std::string_view key : {"ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"})
    if (!container[key].empty()) container[key].forbidden(kWhy);
  const auto target = container["targetContainerName"];
  if (!target.empty() && !others.contains(target.text())) target.not_found();
}

}  // namespace

void check_containers(const FieldCursor& spec, const VolumeNames& volumes, PodUse use) {
  const auto containers = spec["containers"], init = spec["initContainers"],
             ephemeral = spec["ephemeralContainers"];
  const auto grace = spec["terminationGracePeriodSeconds"].number(30);
  Names names;
  std::set<std::string> host_ports;
  if (containers.empty()) containers.required();
  containers.each([&](const FieldCursor& container) {
    check_any_container(container, volumes, use);
    check_name_is_new(container, names);
    check_probes(container, grace);
    if (container["restartPolicy"].present())
      container["restartPolicy"].forbidden("may not be set for non-init containers");
  });
  containers.each([&](const FieldCursor& container) { check_host_ports(container, host_ports); });
  init.each([&](const FieldCursor& container) {
    check_any_container(container, volumes, use);
    const auto policy = container["restartPolicy"];
    if (policy.present()) check_one_of(policy, {"Always"});
    check_name_is_new(container, names);
    std::set<std::string> own_ports;
    check_host_ports(container, own_ports);
    if (policy.text() == "Always")
      check_probes(container, grace);
    else
      forbid_probes(container, "may not be set for init containers without restartPolicy=Always");
  });
  const auto others = names;
  ephemeral.each([&](const FieldCursor& container) {
    check_any_container(container, volumes, use);
    check_name_is_new(container, names);
    check_ephemeral(container, others);
  });
}

}  // namespace podwire::kube
