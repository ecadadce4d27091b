#include "plan/service_families.h"

#include <algorithm>
#include <string>

namespace podwire::plan {
namespace {

constexpr std::string_view kIps = "spec.clusterIPs";
constexpr std::string_view kFamilies = "spec.ipFamilies";
constexpr std::string_view kPolicy = "spec.ipFamilyPolicy";

std::string at(std::string_view field, std::size_t i) {
  return std::string(field) + "[" + std::to_string(i) + "]";
}

Family other(Family family) { return family == Family::v4 ? Family::v6 : Family::v4; }

bool has(const std::vector<Family>& list, Family family) {
  return std::ranges::find(list, family) != list.end();
}

std::string shown_policy(const ServiceFields& service) {
  return service.policy ? shown(name_of(*service.policy)) : "null";
}

/// As it was before and may stay, whatever the cluster has become.
bool stays_preferred(const ServiceFields* old, const ServiceFields& now) {
  return old != nullptr && old->type == now.type && now.policy == FamilyPolicy::prefer_dual_stack &&
         old->policy.value_or(FamilyPolicy::prefer_dual_stack) == FamilyPolicy::prefer_dual_stack &&
         old->cluster_ips == now.cluster_ips && old->families == now.families;
}

FamilyPolicy default_policy(const ServiceFields* old, const ServiceFields& now) {
  if (old != nullptr && old->policy) return *old->policy;
  return now.headless() && !now.has_selector ? FamilyPolicy::require_dual_stack : FamilyPolicy::single_stack;
}

/// The policy against what was left out, or put in, since.
void check_policy(const ServiceFields* old, ServiceFields& now, FieldRefusals& out) {
  const bool single = now.policy == FamilyPolicy::single_stack;
  const auto refuse = [&](std::string_view why) { out.push_back(invalid(kPolicy, shown_policy(now), why)); };
  if (old != nullptr && single) {
    // To say so is enough, as long as the lists were not touched.
    if (old->cluster_ips == now.cluster_ips && now.cluster_ips.size() > 1) now.cluster_ips.resize(1);
    if (old->families == now.families && now.families.size() > 1) now.families.resize(1);
  } else if (old != nullptr) {
    if (!now.cluster_ips.empty() && now.cluster_ips.size() < old->cluster_ips.size())
      refuse("must be 'SingleStack' to release the secondary cluster IP");
    if (!now.families.empty() && now.families.size() < old->families.size())
      refuse("must be 'SingleStack' to release the secondary IP family");
  }
  if (single && now.cluster_ips.size() == 2)
    refuse("must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
  if (single && now.families.size() == 2)
    refuse("must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
}

void infer_families(ServiceFields& now, const std::vector<Family>& cluster, FieldRefusals& out) {
  if (now.headless()) return;
  for (std::size_t i = now.families.size(); i < std::min<std::size_t>(now.cluster_ips.size(), 2); ++i) {
    const auto addr = IpAddr::parse(now.cluster_ips[i]);
    if (!addr) return;
    if (has(cluster, addr->family()))
      now.families.push_back(addr->family());
    else
      out.push_back(
          invalid(at(kIps, i), shown(now.cluster_ips),
                  std::string(podwire::name_of(addr->family())) + " is not configured on this cluster"));
  }
}

void check_against_cluster(const ServiceFields& now, const std::vector<Family>& cluster, FieldRefusals& out) {
  if (now.policy == FamilyPolicy::require_dual_stack && cluster.size() < 2)
    out.push_back(
        invalid(kPolicy, shown_policy(now), "this cluster is not configured for dual-stack services"));
  for (std::size_t i = 0; i < now.families.size(); ++i)
    if (!has(cluster, now.families[i]))
      out.push_back(invalid(at(kFamilies, i), shown(podwire::name_of(now.families[i])),
                            "not configured on this cluster"));
}

}  // namespace

std::expected<ServiceFields, FieldRefusals> settle_families(const ServiceFields* old, ServiceFields now,
                                                            const std::vector<Family>& cluster) {
  if (!now.needs_cluster_ip() || stays_preferred(old, now)) return now;
  if (!now.policy) now.policy = default_policy(old, now);
  FieldRefusals errors;
  check_policy(old, now, errors);
  infer_families(now, cluster, errors);
  if (!errors.empty()) return std::unexpected(std::move(errors));

  // Whoever writes the endpoints of a headless Service may do so in families that the cluster has not.
  const bool free_of_cluster = now.headless() && !now.has_selector;
  if (!free_of_cluster) check_against_cluster(now, cluster, errors);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  if (now.families.empty() && !cluster.empty()) now.families.push_back(cluster.front());
  if (now.policy != FamilyPolicy::single_stack && now.families.size() == 1 &&
      (free_of_cluster || cluster.size() == 2))
    now.families.push_back(other(now.families[0]));
  return now;
}

}  // namespace podwire::plan
