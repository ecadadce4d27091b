#include "kubelet/sandbox.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <cerrno>

#include "base/file.h"
#include "kernel/host.h"
#include "runtime/new_id.h"

namespace podwire::kubelet {
namespace {

/// A name that people recognise in `ip netns`, and that no other pod has.
std::string pin_of(const Places& places, const Pod& pod, const std::string& id) {
  constexpr std::size_t kLongest = 200;
  return fmt::format("{}/{}.{}.{}", places.netns, pod.meta.namespace_, pod.meta.name.substr(0, kLongest),
                     id.substr(0, 8));
}

Result<runtime::CniClient> cni_of(const NodeNetwork& network) {
  boost::system::error_code bad;
  const auto list = json::parse(TRY(read_file(network.conflist)), bad);
  const auto* object = bad ? nullptr : list.if_object();
  if (object == nullptr || kube::text_in(*object, "name").empty() ||
      kube::text_in(*object, "cniVersion").empty() || kube::array_in(*object, "plugins") == nullptr)
    return fail("read", network.conflist, 0, "it is no CNI network configuration list");
  return runtime::CniClient(
      *object, [dir = network.bin_dir](const std::string& type) { return find_plugin(dir, type); });
}

runtime::CniSubject subject_of(const SandboxRecord& record) {
  return {.container_id = record.id,
          .netns = record.netns,
          .runtime_config = record.runtime_config,
          .args = fmt::format("IgnoreUnknown=1;K8S_POD_NAMESPACE={};K8S_POD_NAME={};K8S_POD_UID={}",
                              record.pod_namespace, record.pod_name, record.pod_uid)};
}

Result<> write(const Places& places, const SandboxRecord& record) {
  return write_file_atomic(places.pod(record.pod_uid) + "/pod.json", encode(record), 0600,
                           Durability::until_reboot);
}

struct CniAddress {
  Cidr address;
};
struct CniResult {
  std::vector<CniAddress> ips;
};
void read(const Place& place, CniAddress& into) { place.field("address", into.address); }
void read(const Place& place, CniResult& into) { place.field("ips", into.ips); }

Result<> make_namespace(const std::string& path) {
  const auto netns = TRY(kernel::NetNs::create_pinned(path));
  const auto rtnl = TRY(kernel::real_host().rtnl(netns));
  return rtnl->change_link(TRY(rtnl->link("lo")).index, {.up = true});
}

}  // namespace

Result<std::string> find_plugin(const std::string& bin_dir, const std::string& type) {
  if (auto path = bin_dir + "/" + type; ::access(path.c_str(), X_OK) == 0) return path;
  if (type == "podwire-cni") return runtime::find_cni_plugin();
  return fail("find", "CNI plugin " + type, ENOENT, "it is not in " + bin_dir);
}

json::object runtime_config_of(const PodSpec& spec) {
  json::array ports;
  for (const auto& container : spec.containers)
    for (const auto& port : container.ports) {
      if (port.host_port == 0 || spec.host_network) continue;
      std::string protocol = port.protocol;
      for (auto& c : protocol) c = static_cast<char>(c | 0x20);
      json::object mapping{
          {"hostPort", port.host_port}, {"containerPort", port.container_port}, {"protocol", protocol}};
      if (!port.host_ip.empty()) mapping["hostIP"] = port.host_ip;
      ports.push_back(std::move(mapping));
    }
  json::object out;
  if (!ports.empty()) out["portMappings"] = std::move(ports);
  return out;
}

Result<SandboxRecord> make_sandbox(const Places& places, const NodeNetwork& network, const Pod& pod) {
  SandboxRecord record{.id = TRY(runtime::new_id()),
                       .pod_uid = pod.meta.uid,
                       .pod_name = pod.meta.name,
                       .pod_namespace = pod.meta.namespace_,
                       .boot_id = TRY(boot_id()),
                       .netns = {},
                       .runtime_config = runtime_config_of(pod.spec)};
  if (!pod.spec.host_network) record.netns = pin_of(places, pod, record.id);
  TRY(make_directories(places.containers(pod.meta.uid)));
  TRY(write(places, record));
  if (pod.spec.host_network) {
    record.addresses = network.addresses;
  } else {
    TRY(make_namespace(record.netns));
    const json::value result = TRY(TRY(cni_of(network)).add(subject_of(record)));
    const auto read = TRY(kube::typed_from<CniResult>(result));
    for (const auto& ip : read.ips) record.addresses.push_back(ip.address.addr());
    if (record.addresses.empty()) return fail("ADD", "network", 0, "the plugin gave no address");
  }
  record.attached = true;
  TRY(write(places, record));
  return record;
}

Result<> remove_sandbox(const Places& places, const NodeNetwork& network, const SandboxRecord& record) {
  if (!record.netns.empty()) {
    // The record stays until the address is given back: what fails now is tried again.
    TRY(TRY(cni_of(network)).del(subject_of(record)));
    TRY(kernel::NetNs::unpin(record.netns));
  }
  TRY(remove_file(places.pod(record.pod_uid) + "/pod.json"));
  return {};
}

bool is_whole(const SandboxRecord& record, const std::string& boot) {
  if (!record.attached || record.boot_id != boot) return false;
  return record.netns.empty() || kernel::NetNs::open(record.netns).has_value();
}

}  // namespace podwire::kubelet
