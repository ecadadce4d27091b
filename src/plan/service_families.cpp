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

FieldRefusals refuse_all_for_external_name(const ServiceFields& now) {
  FieldRefusals out;
  const auto forbid = [&](std::string_view field) {
    out.push_back(
        {"FieldValueForbidden", std::string(field), "Forbidden: may not be set for ExternalName services"});
  };
  if (!now.cluster_ips.empty()) forbid(kIps);
  if (!now.families.empty()) forbid(kFamilies);
  if (now.policy) forbid(kPolicy);
  return out;
}

/// clusterIPs and ipFamilies taken for themselves.
FieldRefusals check_shape(const ServiceFields& now) {
  FieldRefusals out;
  const auto& ips = now.cluster_ips;
  const auto refuse_ips = [&](std::string_view why) { out.push_back(invalid(kIps, shown(ips), why)); };
  if (now.cluster_ip.empty() && !ips.empty())
    refuse_ips("must be empty when `clusterIP` is not specified");
  else if (!now.cluster_ip.empty() && ips.empty())
    out.push_back({"FieldValueRequired", std::string(kIps), "Required value"});
  else if (!ips.empty() && ips[0] != now.cluster_ip)
    refuse_ips("first value must match `clusterIP`");

  for (std::size_t i = 1; i < now.families.size(); ++i)
    if (i > 1 || now.families[i] == now.families[0])  // there are only two
      out.push_back({"FieldValueDuplicate", at(kFamilies, i),
                     "Duplicate value: " + shown(podwire::name_of(now.families[i]))});

  bool readable = true;
  for (std::size_t i = 0; i < ips.size(); ++i) {
    if (i == 0 && ips[i] == "None") {
      if (ips.size() > 1) refuse_ips("'None' must be the first and only value");
      readable = readable && ips.size() == 1;
    } else if (!IpAddr::parse(ips[i])) {
      out.push_back(invalid(at(kIps, i), shown(std::string_view(ips[i])),
                            "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
      readable = false;
    }
  }
  if (ips.size() > 2) refuse_ips("may only hold up to 2 values");
  if (!readable || now.headless()) return out;

  if (ips.size() == 2 && IpAddr::parse(ips[0])->family() == IpAddr::parse(ips[1])->family())
    refuse_ips("may specify no more than one IP for each IP family");
  for (std::size_t i = 0; i < std::min(ips.size(), now.families.size()); ++i)
    if (IpAddr::parse(ips[i])->family() != now.families[i])
      out.push_back(invalid(at(kIps, i), shown(std::string_view(ips[i])),
                            "expected an " + std::string(podwire::name_of(now.families[i])) +
                                " value as indicated by `ipFamilies[" + std::to_string(i) + "]`"));
  return out;
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
  for (std::size_t i = now.families.size(); i < now.cluster_ips.size(); ++i) {
    const auto family = IpAddr::parse(now.cluster_ips[i])->family();
    if (has(cluster, family))
      now.families.push_back(family);
    else
      out.push_back(invalid(at(kIps, i), shown(now.cluster_ips),
                            std::string(podwire::name_of(family)) + " is not configured on this cluster"));
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

/// The first address and family of a Service stay what they are.
void check_first_stays(const ServiceFields* old, const ServiceFields& now, FieldRefusals& out) {
  if (old == nullptr || !old->needs_cluster_ip() || (old->headless() && now.headless())) return;
  const auto& ips = now.cluster_ips;
  for (std::size_t i = 0; i < std::min(ips.size(), old->cluster_ips.size()); ++i)
    if (ips[i] != old->cluster_ips[i])
      out.push_back(invalid(at(kIps, i), shown(ips), "may not change once set"));
  if (old->headless() != now.headless()) return;
  for (std::size_t i = 0; i < std::min(now.families.size(), old->families.size()); ++i)
    if (now.families[i] != old->families[i])
      out.push_back(invalid(at(kFamilies, i), shown(now.families), "may not change once set"));
}

}  // namespace

std::expected<ServiceFields, FieldRefusals> settle_families(const ServiceFields* old, ServiceFields now,
                                                            const std::vector<Family>& cluster) {
  if (!now.needs_cluster_ip()) {
    auto errors = refuse_all_for_external_name(now);
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return now;
  }
  if (stays_preferred(old, now)) return now;
  if (!now.policy) now.policy = default_policy(old, now);
  auto errors = check_shape(now);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  check_policy(old, now, errors);
  infer_families(now, cluster, errors);
  check_first_stays(old, now, errors);
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
