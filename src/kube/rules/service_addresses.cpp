#include <fmt/format.h>

#include <set>

#include "base/addr.h"
#include "kube/rules/names.h"
#include "kube/rules/object_meta.h"
#include "kube/rules/service_shape.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kOnce = "may not change once set";

bool is_headless(const FieldCursor& spec) { return spec["clusterIP"].text() == "None"; }

void check_families(const FieldCursor& families) {
  std::set<std::string_view> seen;
  families.each([&](const FieldCursor& family) {
    check_one_of(family, {"IPv4", "IPv6"});
    if (!seen.insert(family.text()).second) family.duplicate();
  });
}

/// False: some are no addresses at all, and there is no more to say of them.
bool check_texts(const FieldCursor& ips) {
  bool good = true;
  for (std::size_t i = 0; i < ips.size(); ++i) {
    const auto ip = ips.at_index(i);
    if (i == 0 && ip.text() == "None") {
      if (ips.size() == 1) continue;
      ips.invalid("'None' must be the first and only value");
      good = false;
      continue;
    }
    const auto complaints = ip_address(ip.text());
    check(ip, complaints);
    good = good && complaints.empty();
  }
  return good;
}

void check_against_families(const FieldCursor& ips, const FieldCursor& families) {
  for (std::size_t i = 0; i < std::min(ips.size(), families.size()); ++i) {
    const auto ip = IpAddr::parse(ips.at_index(i).text());
    const auto family = families.at_index(i).text();
    if (ip && name_of(ip->family()) != family && (family == "IPv4" || family == "IPv6"))
      ips.at_index(i).invalid(
          fmt::format("expected an {} value as indicated by `ipFamilies[{}]`", family, i));
  }
}

/// The list, shown as the value of one of its places.
void refuse(const FieldCursor& list, std::size_t place, std::string_view why) {
  list.at_index(place).invalid(list.present() ? shown(*list.value()) : "null", why);
}

void check_changes(const FieldCursor& spec, std::string_view key, const json::array* before,
                   std::string_view unset, std::string_view released) {
  const auto list = spec[key];
  const auto old_size = before != nullptr ? before->size() : 0;
  if (old_size == list.size()) {
    for (std::size_t i = 0; i < old_size; ++i)
      if ((*before)[i] != *list.at_index(i).value()) refuse(list, i, kOnce);
    return;
  }
  if (old_size > list.size() && list.empty()) refuse(list, 0, unset);
  if (old_size > 0 && !list.empty() && before->front() != *list.at_index(0).value()) refuse(list, 0, kOnce);
  if (old_size > list.size() && list.size() == 1 && spec["ipFamilyPolicy"].text() != "SingleStack")
    spec["ipFamilyPolicy"].invalid(released);
}

}  // namespace

void check_service_addresses(const FieldCursor& spec) {
  if (spec["type"].text() == "ExternalName") return;
  const auto first = spec["clusterIP"], ips = spec["clusterIPs"], families = spec["ipFamilies"],
             policy = spec["ipFamilyPolicy"];
  if (first.empty()) {
    if (!ips.empty()) ips.invalid("must be empty when `clusterIP` is not specified");
  } else if (ips.empty()) {
    ips.required();
  } else if (ips.at_index(0).text() != first.text()) {
    ips.invalid("first value must match `clusterIP`");
  }
  check_families(families);
  if (policy.present()) check_one_of(policy, {"PreferDualStack", "RequireDualStack", "SingleStack"});
  const bool good = check_texts(ips);
  if (ips.size() > 2) ips.invalid("may only hold up to 2 values");
  if (!good) return;
  if (ips.size() > 1) {
    const auto one = IpAddr::parse(ips.at_index(0).text()), two = IpAddr::parse(ips.at_index(1).text());
    if (one && two && one->family() == two->family())
      ips.invalid("may specify no more than one IP for each IP family");
  }
  if (!is_headless(spec)) check_against_families(ips, families);
}

void check_service_address_changes(const FieldCursor& object, const json::object& old) {
  const auto spec = object["spec"];
  if (service_type(old) == "ExternalName" || spec["type"].text() == "ExternalName") return;
  const bool was_headless = is_headless(old), headless = is_headless(spec);
  if (!was_headless || !headless)
    check_changes(spec, "clusterIPs", array_in(old, "spec", "clusterIPs"),
                  "primary clusterIP can not be unset",
                  "must be set to 'SingleStack' when releasing the secondary clusterIP");
  if (!was_headless && !headless)
    check_changes(spec, "ipFamilies", array_in(old, "spec", "ipFamilies"),
                  "primary ipFamily can not be unset",
                  "must be set to 'SingleStack' when releasing the secondary ipFamily");
}

}  // namespace podwire::kube
