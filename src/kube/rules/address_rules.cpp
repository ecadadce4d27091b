// The kinds that say which addresses there are, and whose they are: ServiceCIDR and IPAddress of services,
// AddressBlock of pods.
#include <fmt/format.h>

#include "base/addr.h"
#include "kube/address_block.h"
#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"

namespace podwire::kube {
namespace {

/// Part of a reference that can stand in a URL.
void check_segment(const FieldCursor& field, bool required) {
  if (field.empty()) {
    if (required) field.required();
  } else {
    check(field, path_segment(field.text()));
  }
}

void check_cidr(const FieldCursor& field) {
  const auto cidr = Cidr::parse(field.text());
  if (!cidr)
    check(field, cidr_block(field.text()));
  else if (const auto canonical = cidr->network().str(); canonical != field.text())
    field.invalid(fmt::format("must be in canonical form (\"{}\")", canonical));
}

void check_cidrs(const FieldCursor& spec) {
  const auto cidrs = spec["cidrs"];
  if (cidrs.empty()) return cidrs.required("at least one CIDR required");
  if (cidrs.size() > 2) return cidrs.invalid(shown(*spec.value()), "may only hold up to 2 values");
  cidrs.each(check_cidr);
  if (cidrs.size() < 2) return;
  const auto first = Cidr::parse(cidrs.at_index(0).text()), second = Cidr::parse(cidrs.at_index(1).text());
  if (first && second && first->family() == second->family())
    cidrs.invalid("may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
}

}  // namespace

Complaints ip_address_name(std::string_view name) {
  const auto address = IpAddr::parse(name);
  if (!address) return ip_address(name);
  if (const auto canonical = address->str(); canonical != name)
    return {fmt::format("must be in canonical form (\"{}\")", canonical)};
  return {};
}

void check_ip_address(const FieldCursor& object, const CheckContext& context) {
  const auto parent = object["spec"]["parentRef"];
  if (!parent.present()) {
    parent.required();
  } else {
    if (!parent["group"].empty()) check(parent["group"], dns1123_subdomain(parent["group"].text()));
    check_segment(parent["resource"], true);
    check_segment(parent["name"], true);
    check_segment(parent["namespace"], false);
  }
  if (context.old != nullptr) check_unchanged(parent, in(*context.old, "spec", "parentRef"));
}

void check_service_cidr(const FieldCursor& object, const CheckContext& context) {
  const auto cidrs = object["spec"]["cidrs"];
  const auto* before = context.old != nullptr ? array_in(*context.old, "spec", "cidrs") : nullptr;
  if (before == nullptr) return check_cidrs(object["spec"]);
  // One family may become two; nothing else changes.
  const bool grows = before->size() == 1 && cidrs.size() == 2;
  if (!grows && cidrs.size() != before->size()) return cidrs.invalid("field is immutable");
  for (std::size_t i = 0; i < before->size(); ++i) check_unchanged(cidrs.at_index(i), &(*before)[i]);
  if (grows) check_cidrs(object["spec"]);
}

void check_address_block(const FieldCursor& object, const CheckContext& context) {
  const auto spec = object["spec"];
  const auto cidr = spec["cidr"], node = spec["nodeName"];
  if (cidr.empty()) {
    cidr.required();
  } else {
    check_cidr(cidr);
    // One name for one network: whoever creates it first has it.
    if (const auto parsed = Cidr::parse(cidr.text()); parsed && parsed->is_network())
      if (const auto name = address_block_name(*parsed); object["metadata"]["name"].text() != name)
        object["metadata"]["name"].invalid(fmt::format("must be \"{}\", for spec.cidr", name));
  }
  if (node.empty())
    node.required();
  else
    check(node, dns1123_subdomain(node.text()));
  if (context.old == nullptr) return;
  check_unchanged(cidr, in(*context.old, "spec", "cidr"));
  check_unchanged(node, in(*context.old, "spec", "nodeName"));
}

}  // namespace podwire::kube
