#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/addr.h"
#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"
#include "kube/rules/resource_list.h"

namespace podwire::kube {
namespace {

void check_taints(const FieldCursor& spec_taints, const FieldCursor& meta) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  const auto taints = meta["taints"].with_value(spec_taints.value());  // where Kubernetes says they are
  taints.each([&](const FieldCursor& taint) {
    const auto key = taint["key"], effect = taint["effect"], value = taint["value"];
    check(key, qualified_name(key.text()));
    if (const auto why = label_value(value.text()); !why.empty())
      value.invalid(fmt::format("{}", fmt::join(why, ";")));
    check_one_of(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    if (!seen.emplace(effect.text(), key.text()).second)
      taint.duplicate(shown(*taint.value()) + ": taints must be unique by key and effect pair");
  });
}

void check_pod_cidrs(const FieldCursor& cidrs) {
  std::set<Family> families;
  std::set<std::string_view> seen;
  bool twice = cidrs.size() > 2;
  cidrs.each([&](const FieldCursor& one) {
    check(one, cidr_block(one.text()));
    if (const auto cidr = Cidr::parse(one.text())) twice = !families.insert(cidr->family()).second || twice;
  });
  if (cidrs.size() > 1 && twice) cidrs.invalid("may specify no more than one CIDR for each IP family");
  cidrs.each([&](const FieldCursor& one) {
    if (!seen.insert(one.text()).second) one.duplicate();
  });
}

void check_update(const FieldCursor& object, const json::object& old) {
  const auto* cidrs = in(old, "spec", "podCIDRs");
  if (cidrs != nullptr && !same(cidrs, nullptr) && !same(cidrs, object["spec"]["podCIDRs"].value()))
    object["spec"]["podCIDRs"].forbidden(R"(node updates may not change podCIDR except from "" to valid)");
  const auto provider = text_in(old, "spec", "providerID");
  if (!provider.empty() && provider != object["spec"]["providerID"].text())
    object["spec"]["providerID"].forbidden(
        R"(node updates may not change providerID except from "" to valid)");
}

void check_addresses(const FieldCursor& addresses) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  addresses.each([&](const FieldCursor& address) {
    if (!seen.emplace(address["type"].text(), address["address"].text()).second) address.duplicate();
  });
}

}  // namespace

void fill_node(json::object& object) {
  if (auto* spec = object.if_contains("spec"); spec != nullptr && spec->is_object()) {
    // podCIDR is podCIDRs[0]; where they differ, the older field counts.
    auto& map = spec->get_object();
    const std::string first(text_in(map, "podCIDR"));
    const auto* list = array_in(map, "podCIDRs");
    const bool listed = list != nullptr && !list->empty();
    if (!first.empty() && (!listed || list->front() != json::value(first)))
      map["podCIDRs"] = json::array{first};
    else if (listed)
      map["podCIDR"] = json::value(list->front());
  }
  auto* status = object.if_contains("status");
  if (status == nullptr || !status->is_object()) return;
  auto& map = status->get_object();
  for (const std::string_view part : {"capacity", "allocatable"})
    if (auto* list = map.if_contains(part); list != nullptr && list->is_object())
      canonicalize_amounts(list->get_object());
  if (const auto* capacity = object_in(map, "capacity");
      capacity != nullptr && !map.contains("allocatable")) {
    json::object copy = *capacity;
    map["allocatable"] = std::move(copy);
  }
}

void check_node(const FieldCursor& object, const CheckContext& context) {
  check_taints(object["spec"]["taints"], object["metadata"]);
  check_pod_cidrs(object["spec"]["podCIDRs"]);
  check_node_status(object, context);
  if (context.old != nullptr) check_update(object, *context.old);
}

void check_node_status(const FieldCursor& object, const CheckContext&) {
  check_amounts(object["status"]["capacity"]);
  check_amounts(object["status"]["allocatable"]);
  check_addresses(object["status"]["addresses"]);
}

}  // namespace podwire::kube
