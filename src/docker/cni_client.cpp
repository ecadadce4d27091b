#include "docker/cni_client.h"

#include <boost/json/array.hpp>

#include "oci/json_view.h"

namespace podwire::docker {
namespace json = boost::json;

namespace {

json::object runtime_config_of(const Attachment& a) {
  json::object out;
  json::array ports;
  for (const auto& p : a.ports) {
    json::object port{
        {"hostPort", p.host_port}, {"containerPort", p.container_port}, {"protocol", p.protocol}};
    if (p.host_ip) port["hostIP"] = p.host_ip->str();
    ports.push_back(std::move(port));
  }
  if (!ports.empty()) out["portMappings"] = std::move(ports);
  if (a.wanted_ip) out["ips"] = json::array{a.wanted_ip->str()};
  if (a.wanted_mac) out["mac"] = a.wanted_mac->str();
  return out;
}

}  // namespace

CniClient::CniClient(const Site& site, json::object conflist)
    : site_(site),
      client_(
          std::move(conflist),
          [](const std::string& /*always podwire-cni*/) { return runtime::find_cni_plugin(); },
          [&site] { return site.netns().join(); }) {}

runtime::CniSubject CniClient::subject(const std::string& container_id, const Attachment& attachment) const {
  return {.container_id = container_id,
          .netns = site_.container_netns(container_id),
          .runtime_config = runtime_config_of(attachment),
          .args = {}};
}

Result<> take_result(const json::object& result, Attachment& into) {
  const json::value document = result;
  const oci::JsonView root(document, "result");
  into.addresses.clear();
  into.gateways.clear();
  for (const auto& ip : TRY(TRY(root.at("ips")).items())) {
    into.addresses.push_back(TRY(Cidr::parse(TRY(TRY(ip.at("address")).text()))));
    if (const auto gateway = TRY(ip.at("gateway")); !gateway.absent())
      into.gateways.push_back(TRY(IpAddr::parse(TRY(gateway.text()))));
  }
  for (const auto& interface : TRY(TRY(root.at("interfaces")).items())) {
    const auto name = TRY(TRY(interface.at("name")).text_or(""));
    const bool inside = !TRY(TRY(interface.at("sandbox")).text_or("")).empty();
    if (inside && name == runtime::kCniInterface) into.mac = TRY(TRY(interface.at("mac")).text_or(""));
    if (!inside && name.starts_with("veth")) into.host_link = name;
  }
  return {};
}

}  // namespace podwire::docker
