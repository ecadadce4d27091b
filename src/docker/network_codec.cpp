#include <boost/json/array.hpp>
#include <cerrno>

#include "docker/network.h"
#include "oci/json_view.h"

namespace podwire::docker {
namespace {

namespace json = boost::json;

json::object range_of(const Subnet& subnet) {
  json::object out{{"subnet", subnet.cidr.str()}, {"gateway", subnet.gateway.str()}};
  if (!subnet.ip_range) return out;
  // The subnet's own and its broadcast address are nobody's, also at a range's ends.
  const auto value = [](const IpAddr& a) { return a.value(); };
  u128 first = value(subnet.ip_range->first());
  u128 last = value(subnet.ip_range->last());
  if (first == value(subnet.cidr.first())) ++first;
  if (subnet.cidr.family() == Family::v4 && last == value(subnet.cidr.last())) --last;
  out["rangeStart"] = IpAddr::from_value(subnet.cidr.family(), first).str();
  out["rangeEnd"] = IpAddr::from_value(subnet.cidr.family(), last).str();
  return out;
}

json::object metadata_of(const Network& n) {
  json::array subnets;
  for (const auto& s : n.subnets) {
    json::object entry{{"subnet", s.cidr.str()}, {"gateway", s.gateway.str()}};
    if (s.ip_range) entry["ipRange"] = s.ip_range->str();
    subnets.push_back(std::move(entry));
  }
  json::object labels;
  for (const auto& [key, value] : n.labels) labels[key] = value;
  return {{"id", n.id},
          {"created", n.created},
          {"bridge", n.bridge},
          {"subnets", subnets},
          {"internal", n.internal},
          {"icc", n.icc},
          {"masquerade", n.masquerade},
          {"mtu", n.mtu},
          {"labels", std::move(labels)}};
}

/// Errors of a value carry the path of its field.
template <class T>
Result<T> parsed(const oci::JsonView& field) {
  auto value = T::parse(TRY(field.text()));
  if (!value) return std::unexpected(std::move(value.error()).in(field.path()));
  return value;
}

}  // namespace

json::object encode_network(const Network& n, const CniDirs& dirs) {
  json::array ranges;
  for (const auto& subnet : n.subnets) ranges.push_back(json::array{range_of(subnet)});
  json::object plugin{
      {"type", "podwire-cni"},
      {"link", "bridge"},
      {"bridge", n.bridge},
      {"isGateway", true},
      {"isDefaultGateway", !n.internal},
      {"ipMasq", n.masquerade},
      {"hairpinMode", true},
      {"guarded", true},
      {"internal", n.internal},
      {"portIsolation", !n.icc},
      {"podwireDataDir", dirs.state},
      {"ipam", {{"type", "podwire-ipam"}, {"dataDir", dirs.ipam}, {"ranges", std::move(ranges)}}},
      {"capabilities", {{"portMappings", true}, {"ips", true}, {"mac", true}}}};
  if (n.mtu != 0) plugin["mtu"] = n.mtu;
  return {{"cniVersion", "1.1.0"},
          {"name", n.name},
          {"plugins", json::array{std::move(plugin)}},
          {"podwire", metadata_of(n)}};
}

Result<Network> decode_network(std::string_view text) {
  const auto document = TRY(oci::parse_json(text, "network"));
  const oci::JsonView root(document, "network");
  const oci::JsonView own = TRY(root.at("podwire"));
  Network out;
  out.name = TRY(TRY(root.at("name")).text());
  out.id = TRY(TRY(own.at("id")).text());
  out.created = TRY(TRY(own.at("created")).text_or(""));
  out.bridge = TRY(TRY(own.at("bridge")).text());
  out.internal = TRY(TRY(own.at("internal")).flag_or(false));
  out.icc = TRY(TRY(own.at("icc")).flag_or(true));
  out.masquerade = TRY(TRY(own.at("masquerade")).flag_or(true));
  out.mtu = static_cast<std::uint32_t>(TRY(TRY(own.at("mtu")).number_or(0)));
  out.labels = TRY(TRY(own.at("labels")).text_map());
  for (const auto& entry : TRY(TRY(own.at("subnets")).items())) {
    Subnet subnet;
    subnet.cidr = TRY(parsed<Cidr>(TRY(entry.at("subnet"))));
    subnet.gateway = TRY(parsed<IpAddr>(TRY(entry.at("gateway"))));
    if (const auto range = TRY(entry.at("ipRange")); !range.absent())
      subnet.ip_range = TRY(parsed<Cidr>(range));
    out.subnets.push_back(subnet);
  }
  return out;
}

}  // namespace podwire::docker
