#include "docker/create.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <sstream>

#include "base/hash.h"
#include "base/log.h"
#include "docker/container_store.h"
#include "docker/name_files.h"
#include "docker/networks.h"
#include "docker/process_plan.h"
#include "docker/takedown.h"
#include "oci/container_log.h"
#include "oci/json_view.h"
#include "oci/rootfs.h"
#include "runtime/new_id.h"

namespace podwire::docker {
namespace {

/// Ports that containers of the site have published, and those where a process of its namespace listens.
class SitePorts : public PortsInUse {
 public:
  SitePorts(const Site& site, const std::vector<Container>& containers)
      : site_(site), containers_(containers) {}

  [[nodiscard]] std::string publisher_of(const PublishedPort& port) const override {
    for (const auto& container : containers_)
      for (const auto& other : container.attachment.ports)
        if (container.attachment.up && clash(other, port)) return container.name;
    return {};
  }

  /// Tries to take it, and lets go again.
  [[nodiscard]] bool listened_on(const PublishedPort& port) const override {
    const int kind = port.protocol == "udp" ? SOCK_DGRAM : SOCK_STREAM;
    const int protocol = port.protocol == "sctp" ? IPPROTO_SCTP : 0;
    const IpAddr address = port.host_ip.value_or(IpAddr::any(Family::v4));
    const auto entered = site_.netns().enter();
    const UniqueFd socket(::socket(static_cast<int>(address.family()), kind | SOCK_CLOEXEC, protocol));
    if (!entered || !socket) return false;  // no such protocol here: then nobody listens
    // Connections of a server that ended are in nobody's way.
    constexpr int kOn = 1;
    if (kind == SOCK_STREAM) ::setsockopt(socket.raw(), SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    v4.sin_family = AF_INET;
    v6.sin6_family = AF_INET6;
    v4.sin_port = v6.sin6_port = htons(port.host_port);
    const auto bytes = address.bytes();
    std::ranges::copy(bytes, address.is_v4() ? reinterpret_cast<std::byte*>(&v4.sin_addr)
                                             : reinterpret_cast<std::byte*>(&v6.sin6_addr));
    const int bound = address.is_v4() ? ::bind(socket.raw(), reinterpret_cast<sockaddr*>(&v4), sizeof v4)
                                      : ::bind(socket.raw(), reinterpret_cast<sockaddr*>(&v6), sizeof v6);
    return bound != 0 && errno == EADDRINUSE;
  }

 private:
  const Site& site_;
  const std::vector<Container>& containers_;
};

Result<PortRange> ephemeral_range(const Site& site) {
  const auto sysctl = TRY(site.host().sysctl(site.netns()));
  const auto text = sysctl->get("net/ipv4/ip_local_port_range");
  PortRange out;
  if (text) std::istringstream(*text) >> out.first >> out.last;
  return out;
}

Result<std::vector<PublishedPort>> publish(const Site& site, const RunRequest& request,
                                           const std::vector<Container>& existing) {
  std::vector<PortRequest> wanted;
  wanted.reserve(request.publish.size());
  for (const auto& text : request.publish) wanted.push_back(TRY(parse_publish(text)));
  if (wanted.empty()) return std::vector<PublishedPort>{};
  if (request.network == "none" || request.network == "host")
    return fail("publish", request.publish[0], EINVAL,
                fmt::format("network \"{}\" has no ports to publish", request.network));
  return assign_ports(wanted, SitePorts(site, existing), TRY(ephemeral_range(site)));
}

Result<std::string> choose_name(const std::string& wanted, const std::string& id,
                                const std::vector<Container>& existing) {
  const auto holder = [&](const std::string& name) {
    return std::ranges::find(existing, name, &Container::name);
  };
  if (!wanted.empty()) {
    if (!valid_object_name(wanted))
      return fail("name container", fmt::format("\"{}\"", wanted), EINVAL,
                  "letters, digits, '_', '.' and '-', beginning with a letter or digit");
    if (const auto other = holder(wanted); other != existing.end())
      return fail("name container", wanted, EEXIST,
                  fmt::format("container {} has it; podwire container rm -f {} removes that",
                              other->short_id(), wanted));
    return wanted;
  }
  for (std::uint64_t n = stable_hash(id);; ++n)
    if (auto name = generated_name(n); holder(name) == existing.end()) return name;
}

Result<std::map<std::string, std::string>> parse_labels(const std::vector<std::string>& given) {
  std::map<std::string, std::string> out;
  for (const auto& label : given) {
    const auto equals = label.find('=');
    if (equals == 0) return fail("label", label, EINVAL, "the form is KEY=VALUE");
    out[label.substr(0, equals)] = equals == std::string::npos ? "" : label.substr(equals + 1);
  }
  return out;
}

/// The record, with everything decided and nothing made yet. Under the site's lock.
Result<Container> reserve(const Site& site, const RunRequest& request, const oci::RootFs& rootfs,
                          const oci::Process& process) {
  const ContainerStore store(site.containers_dir());
  const auto existing = TRY(store.list()).containers;
  Container c;
  c.id = TRY(runtime::new_id());
  c.name = TRY(choose_name(request.name, c.id, existing));
  c.image = request.image;
  c.image_id = rootfs.image_id;
  c.created = oci::timestamp(std::chrono::system_clock::now());
  c.boot_id = TRY(boot_id());
  c.hostname = request.hostname.empty() ? c.short_id() : request.hostname;
  c.args = process.args;
  c.env = process.env;
  if (std::ranges::none_of(c.env, [](const std::string& v) { return v.starts_with("HOSTNAME="); }))
    c.env.push_back("HOSTNAME=" + c.hostname);
  c.cwd = process.cwd;
  c.user = fmt::format("{}:{}", process.uid, process.gid);
  for (const auto& volume : request.volumes) c.mounts.push_back(TRY(parse_volume(volume)));
  c.labels = TRY(parse_labels(request.labels));
  c.terminal = request.terminal;
  c.interactive = request.interactive;
  c.detached = request.detached;
  c.remove_at_end = request.remove_at_end;
  c.keeper = oci::ProcessIdentity::self();
  c.attachment.network = request.network;
  c.attachment.aliases = request.aliases;
  if (!request.ip.empty()) c.attachment.wanted_ip = TRY(IpAddr::parse(request.ip));
  if (!request.mac.empty()) c.attachment.wanted_mac = TRY(Mac::parse(request.mac));
  if (c.attachment.is_network()) {
    const Networks networks(site);
    const auto network = TRY(networks.find(request.network));
    c.attachment.network = network.name;
    TRY(networks.ensure_device(network));
  }
  c.attachment.ports = TRY(publish(site, request, existing));
  c.attachment.up = true;
  TRY(store.write(c));
  return c;
}

Result<> make_namespace(const Site& site, const Container& c) {
  const auto netns = TRY(kernel::NetNs::create_pinned(site.container_netns(c.id)));
  const auto rtnl = TRY(site.host().rtnl(netns));
  return rtnl->change_link(TRY(rtnl->link("lo")).index, {.up = true});
}

Result<> connect(const Site& site, Container& c) {
  if (c.attachment.network == "host") return {};
  TRY(make_namespace(site, c));
  if (!c.attachment.is_network()) return {};
  const Networks networks(site);
  const auto network = TRY(networks.find(c.attachment.network));
  return take_result(TRY(TRY(networks.cni(network)).add(c.id, c.attachment)), c.attachment);
}

/// The bundle and the files that are mounted into the container.
Result<> write_bundle(const Site& site, const Container& c, const RunRequest& request,
                      const oci::RootFs& rootfs, oci::Process process) {
  const ContainerStore store(site.containers_dir());
  const std::string dir = store.directory(c.id);
  std::vector<IpAddr> dns;
  dns.reserve(request.dns.size());
  for (const auto& server : request.dns) dns.push_back(TRY(IpAddr::parse(server)));
  TRY(make_directories(store.bundle(c.id)));
  TRY(rewrite_in_place(dir + "/hostname", c.hostname + "\n"));
  TRY(rewrite_in_place(dir + "/resolv.conf",
                       resolv_conf_text(read_file("/etc/resolv.conf").value_or(""), dns)));
  TRY(rewrite_in_place(dir + "/hosts", hosts_text(c, {}, c.attachment.network != kDefaultNetwork)));
  process.env = c.env;
  oci::BundleSpec spec{.process = std::move(process), .hostname = c.hostname, .rootfs = dir + "/rootfs"};
  if (c.attachment.network != "host") spec.netns = site.container_netns(c.id);
  for (const auto* name : {"hosts", "hostname", "resolv.conf"})
    spec.mounts.push_back({fmt::format("{}/{}", dir, name), fmt::format("/etc/{}", name)});
  spec.mounts.insert(spec.mounts.end(), c.mounts.begin(), c.mounts.end());
  spec.masked = rootfs.masked;
  spec.scratch = rootfs.scratch;
  return write_file_atomic(store.bundle(c.id) + "/config.json",
                           oci::pretty_json(oci::bundle_config(spec)) + "\n", 0600, Durability::until_reboot);
}

}  // namespace

Result<Container> create_container(const Site& site, const RunRequest& request) {
  oci::ImageStore images(site.images_dir());
  const auto rootfs = TRY(oci::find_rootfs(images, request.image, {site.roots().state, site.roots().run}));
  const auto process = TRY(plan_process(request, rootfs));
  Container container;
  {
    const auto held = TRY(site.lock());
    TRY(settle(site));
    container = TRY(reserve(site, request, rootfs, process));
  }
  const auto rest = [&]() -> Result<> {
    TRY(connect(site, container));
    TRY(write_bundle(site, container, request, rootfs, process));
    const auto held = TRY(site.lock());
    TRY(ContainerStore(site.containers_dir()).write(container));
    return container.attachment.is_network() ? rewrite_hosts(site, container.attachment.network) : Result<>{};
  };
  if (auto done = rest(); !done) {
    if (auto removed = discard_container(site, container.id); !removed)
      log::warn("what was begun could not be removed", {{"error", removed.error().message()}});
    return std::unexpected(std::move(done.error()));
  }
  return container;
}

}  // namespace podwire::docker
