#include "docker/inspect.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

namespace podwire::docker {
namespace {

namespace json = boost::json;

json::array strings(const std::vector<std::string>& from) { return json::array(from.begin(), from.end()); }
json::object labels_of(const std::map<std::string, std::string>& labels) {
  json::object out;
  for (const auto& [key, value] : labels) out[key] = value;
  return out;
}

json::object endpoint_of(const Attachment& a) {
  json::object out{{"MacAddress", a.mac}, {"HostInterface", a.host_link}, {"Aliases", strings(a.aliases)}};
  for (const auto& cidr : a.addresses) {
    const bool v4 = cidr.family() == Family::v4;
    out[v4 ? "IPAddress" : "GlobalIPv6Address"] = cidr.addr().str();
    out[v4 ? "IPPrefixLen" : "GlobalIPv6PrefixLen"] = cidr.length();
  }
  for (const auto& gateway : a.gateways) out[gateway.is_v4() ? "Gateway" : "IPv6Gateway"] = gateway.str();
  return out;
}

json::object ports_of(const Attachment& a) {
  json::object out;
  for (const auto& p : a.ports) {
    const std::string key = fmt::format("{}/{}", p.container_port, p.protocol);
    if (!out.contains(key)) out[key] = json::array{};
    out[key].as_array().push_back(json::object{{"HostIp", p.host_ip ? p.host_ip->str() : "0.0.0.0"},
                                               {"HostPort", std::to_string(p.host_port)}});
  }
  return out;
}

}  // namespace

json::object inspect_container(const Container& c, int pid, const std::string& netns_path,
                               const std::string& log_path) {
  const Attachment& a = c.attachment;
  json::object state{{"Status", name_of(c.phase)}, {"Running", c.phase == Phase::running}, {"Pid", pid}};
  state["ExitCode"] = c.exit_code ? json::value(*c.exit_code) : json::value(nullptr);
  state["StartedAt"] = c.started;
  state["FinishedAt"] = c.finished;
  if (!c.error.empty()) state["Error"] = c.error;
  json::array mounts;
  for (const auto& m : c.mounts)
    mounts.push_back(json::object{
        {"Type", "bind"}, {"Source", m.source}, {"Destination", m.destination}, {"RW", !m.read_only}});
  json::object networks;
  networks[a.network] = endpoint_of(a);
  return {{"Id", c.id},
          {"Name", c.name},
          {"Created", c.created},
          {"Image", c.image_id.empty() ? c.image : "sha256:" + c.image_id},
          {"State", std::move(state)},
          {"Config",
           {{"Image", c.image},
            {"Hostname", c.hostname},
            {"User", c.user},
            {"Cmd", strings(c.args)},
            {"Env", strings(c.env)},
            {"WorkingDir", c.cwd},
            {"Tty", c.terminal},
            {"OpenStdin", c.interactive},
            {"Labels", labels_of(c.labels)}}},
          {"HostConfig", {{"NetworkMode", a.network}, {"AutoRemove", c.remove_at_end}}},
          {"Mounts", std::move(mounts)},
          {"LogPath", log_path},
          {"NetworkSettings",
           {{"SandboxKey", a.network == "host" ? "" : netns_path},
            {"Ports", ports_of(a)},
            {"Networks", std::move(networks)}}}};
}

json::object inspect_network(const Network& n, const std::vector<Container>& attached) {
  json::array config;
  bool v6 = false;
  for (const auto& subnet : n.subnets) {
    json::object entry{{"Subnet", subnet.cidr.str()}, {"Gateway", subnet.gateway.str()}};
    if (subnet.ip_range) entry["IPRange"] = subnet.ip_range->str();
    v6 = v6 || subnet.cidr.family() == Family::v6;
    config.push_back(std::move(entry));
  }
  json::object containers;
  for (const auto& c : attached) {
    json::object entry{
        {"Name", c.name}, {"MacAddress", c.attachment.mac}, {"HostInterface", c.attachment.host_link}};
    for (const auto& cidr : c.attachment.addresses)
      entry[cidr.family() == Family::v4 ? "IPv4Address" : "IPv6Address"] = cidr.str();
    containers[c.id] = std::move(entry);
  }
  json::object options{{"com.docker.network.bridge.name", n.bridge},
                       {"com.docker.network.bridge.enable_icc", n.icc ? "true" : "false"},
                       {"com.docker.network.bridge.enable_ip_masquerade", n.masquerade ? "true" : "false"}};
  if (n.mtu != 0) options["com.docker.network.driver.mtu"] = std::to_string(n.mtu);
  return {{"Name", n.name},
          {"Id", n.id},
          {"Created", n.created},
          {"Scope", "local"},
          {"Driver", "bridge"},
          {"EnableIPv6", v6},
          {"IPAM", {{"Driver", "podwire"}, {"Config", std::move(config)}}},
          {"Internal", n.internal},
          {"Containers", std::move(containers)},
          {"Options", std::move(options)},
          {"Labels", labels_of(n.labels)}};
}

json::object inspect_image(const oci::Image& image) {
  json::object out{{"Id", "sha256:" + image.id}, {"RepoTags", strings(image.names)}};
  for (auto& [key, value] : oci::encode_image_config(image.config)) out[key] = value;
  out["RootFS"] = json::object{{"Directory", image.rootfs}};
  return out;
}

}  // namespace podwire::docker
