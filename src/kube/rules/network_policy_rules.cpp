#include "base/addr.h"
#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"

namespace podwire::kube {
namespace {

void check_port(const FieldCursor& entry) {
  const auto port = entry["port"], last = entry["endPort"], protocol = entry["protocol"];
  if (protocol.present() && protocol.text() != "TCP" && protocol.text() != "UDP" && protocol.text() != "SCTP")
    protocol.not_supported({"TCP", "UDP", "SCTP"});
  if (!port.present()) {
    if (last.present()) last.invalid("may not be specified when `port` is not specified");
    return;
  }
  if (port.is_text()) {
    if (last.present()) last.invalid("may not be specified when `port` is non-numeric");
    return check_port_or_name(port);
  }
  check_port_or_name(port);
  if (!last.present()) return;
  if (last.number() < port.number()) last.invalid("must be greater than or equal to `port`");
  check_port_or_name(last);
}

void check_ip_block(const FieldCursor& block) {
  const auto cidr = block["cidr"];
  if (cidr.empty()) return cidr.required();
  check(cidr, cidr_block(cidr.text()));
  const auto whole = Cidr::parse(cidr.text());
  if (!whole) return;
  block["except"].each([&](const FieldCursor& except) {
    check(except, cidr_block(except.text()));
    const auto part = Cidr::parse(except.text());
    if (part && (!whole->contains(part->addr()) || whole->length() >= part->length()))
      except.invalid("must be a strict subset of `cidr`");
  });
}

void check_peer(const FieldCursor& peer) {
  const auto pods = peer["podSelector"], namespaces = peer["namespaceSelector"], block = peer["ipBlock"];
  check_label_selector(pods);
  check_label_selector(namespaces);
  if (block.present()) check_ip_block(block);
  if (!pods.present() && !namespaces.present() && !block.present())
    peer.required("must specify a peer");
  else if (block.present() && (pods.present() || namespaces.present()))
    peer.forbidden("may not specify both ipBlock and another peer");
}

}  // namespace

void fill_network_policy(json::object& object) {
  auto& spec = object_at(object, "spec");
  if (const auto* types = array_in(spec, "policyTypes"); types != nullptr && !types->empty()) return;
  json::array types{"Ingress"};
  if (const auto* egress = array_in(spec, "egress"); egress != nullptr && !egress->empty())
    types.emplace_back("Egress");
  spec["policyTypes"] = std::move(types);
}

void check_network_policy(const FieldCursor& object, const CheckContext&) {
  const auto spec = object["spec"];
  check_label_selector(spec["podSelector"]);
  const auto check_rules = [&](std::string_view direction, std::string_view peers) {
    spec[direction].each([&](const FieldCursor& rule) {
      rule["ports"].each(check_port);
      rule[peers].each(check_peer);
    });
  };
  check_rules("ingress", "from");
  check_rules("egress", "to");
  const auto types = spec["policyTypes"];
  if (types.size() > 2) return types.invalid("may not specify more than two policyTypes");
  types.each([](const FieldCursor& type) { check_one_of(type, {"Ingress", "Egress"}); });
}

}  // namespace podwire::kube
