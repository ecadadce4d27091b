#include "server/auth/node_labels.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "kube/rules/labels.h"

namespace podwire::server {
namespace {

constexpr std::string_view kRestricted = "node-restriction.kubernetes.io";

// What a kubelet says of its machine (k8s.io/kubelet's well-known labels).
constexpr std::array<std::string_view, 11> kKubeletLabels{"beta.kubernetes.io/arch",
                                                          "beta.kubernetes.io/instance-type",
                                                          "beta.kubernetes.io/os",
                                                          "failure-domain.beta.kubernetes.io/region",
                                                          "failure-domain.beta.kubernetes.io/zone",
                                                          "kubernetes.io/arch",
                                                          "kubernetes.io/hostname",
                                                          "kubernetes.io/os",
                                                          "node.kubernetes.io/instance-type",
                                                          "topology.kubernetes.io/region",
                                                          "topology.kubernetes.io/zone"};
constexpr std::array<std::string_view, 2> kKubeletDomains{"kubelet.kubernetes.io", "node.kubernetes.io"};

std::string_view domain_of(std::string_view label) {
  const auto slash = label.find('/');
  return slash == std::string_view::npos ? std::string_view() : label.substr(0, slash);
}

/// "example.com", or below it.
bool is_in(std::string_view domain, std::string_view of) {
  return domain == of ||
         (domain.size() > of.size() && domain.ends_with(of) && domain[domain.size() - of.size() - 1] == '.');
}

bool is_forbidden(std::string_view label) {
  const auto domain = domain_of(label);
  if (is_in(domain, kRestricted)) return true;
  if (!is_in(domain, "kubernetes.io") && !is_in(domain, "k8s.io")) return false;
  return std::ranges::find(kKubeletLabels, label) == kKubeletLabels.end() &&
         std::ranges::none_of(kKubeletDomains, [&](auto allowed) { return is_in(domain, allowed); });
}

}  // namespace

std::string forbidden_label_changes(const json::object& old, const json::object& object) {
  const auto before = kube::labels_of(old), after = kube::labels_of(object);
  std::set<std::string> changed;
  const auto compare = [&](const kube::Labels& these, const kube::Labels& those) {
    for (const auto& [name, value] : these) {
      const auto* other = kube::find_label(those, name);
      if ((other == nullptr || *other != value) && is_forbidden(name)) changed.insert(name);
    }
  };
  compare(before, after);
  compare(after, before);
  std::string out;
  for (const auto& name : changed) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace podwire::server
