// ./dev bench cni: podwire-cni beside the CNI project's bridge + host-local (+ portmap) of Debian's
// containernetworking-plugins, in turn, in one run, in a network and mount namespace of its own. Times are
// whole processes, start to exit, without any runtime.
#include <fmt/core.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/file.h"
#include "base/process.h"
#include "kernel/host.h"
#include "plugin_run.h"

namespace podwire::bench {
namespace {

constexpr const char* kPeers = "/usr/lib/cni/";

/// Where this run's files are: on the disk, as in real life, since an address is fsynced there.
struct Place {
  std::string dir, ours;
};

std::string our_config(const Place& place, bool ports, int host_port) {
  std::string runtime;
  if (ports)
    runtime = fmt::format(
        R"(,"runtimeConfig":{{"portMappings":[{{"hostPort":{},"containerPort":80,"protocol":"tcp"}}]}})",
        host_port);
  return fmt::format(
      R"({{"cniVersion":"1.0.0","name":"ours{0}","type":"podwire-cni","bridge":"ours{0}","isDefaultGateway":true,)"
      R"("ipMasq":{1},"ipam":{{"dataDir":"{2}","ranges":[[{{"subnet":"10.9{0}.0.0/16"}}]]}}{3}}})",
      ports ? 1 : 0, ports, place.dir, runtime);
}

std::string peer_config(const Place& place, bool ports, std::string_view prev) {
  return fmt::format(
      R"({{"cniVersion":"1.0.0","name":"peer{0}","type":"bridge","bridge":"peer{0}","isDefaultGateway":true,)"
      R"("ipMasq":{1},"ipam":{{"type":"host-local","dataDir":"{2}","ranges":[[{{"subnet":"10.8{0}.0.0/16"}}]]}}{3}}})",
      ports ? 1 : 0, ports, place.dir, prev);
}

std::string portmap_config(int host_port, const std::string& prev) {
  return fmt::format(
      R"({{"cniVersion":"1.0.0","name":"peer1","type":"portmap","runtimeConfig":{{"portMappings":)"
      R"([{{"hostPort":{},"containerPort":80,"protocol":"tcp"}}]}}{}}})",
      host_port, prev);
}

/// A container's namespace, pinned where a runtime would pin it.
struct Container {
  std::string id, netns;
};

Result<Container> make_container(std::string id) {
  Container c{id, "/run/netns/" + id};
  TRY(kernel::NetNs::create_pinned(c.netns));
  return c;
}

struct Timed {
  std::chrono::duration<double, std::milli> wall{};
  long peak_kib = 0;
  std::string out;
};

Result<Timed> ours(const Place& place, const char* command, const Container& c, bool ports, int host_port) {
  const auto run = TRY(run_plugin({place.ours, command, c.id, c.netns, our_config(place, ports, host_port)}));
  return Timed{run.wall, run.peak_kib, run.out};
}

/// The peer's chain as libcni runs it: ADD forwards with prevResult, DEL backwards with the ADD's result.
Result<Timed> peers(const Place& place, const char* command, const Container& c, bool ports, int host_port,
                    const std::string& add_result) {
  Timed sum;
  const bool add = std::strcmp(command, "ADD") == 0;
  const auto prev = [](const std::string& result) {
    return result.empty() ? "" : ",\"prevResult\":" + result;
  };
  const auto portmap = [&](const std::string& result) -> Result<> {
    const auto run = TRY(run_plugin(
        {std::string(kPeers) + "portmap", command, c.id, c.netns, portmap_config(host_port, prev(result))}));
    sum.wall += run.wall;
    return {};
  };
  if (!add && ports) TRY(portmap(add_result));
  const auto run = TRY(run_plugin({std::string(kPeers) + "bridge", command, c.id, c.netns,
                                   peer_config(place, ports, add ? "" : prev(add_result))}));
  sum.wall += run.wall;
  sum.out = run.out;
  if (add && ports) TRY(portmap(run.out));
  return sum;
}

struct Figures {
  Samples our_add, our_del, peer_add, peer_del, kernel_del;
  long peak_kib = 0;
};

/// What the kernel alone takes to delete such a veth pair: RTM_DELLINK by our adapter, in this process.
Result<std::chrono::duration<double, std::milli>> kernel_delete() {
  auto& host = kernel::real_host();
  const auto here = TRY(host.current_netns());
  const auto there = TRY(kernel::NetNs::create());
  const auto rtnl = TRY(host.rtnl(here));
  const auto inside = TRY(host.rtnl(there));
  const int index = TRY(rtnl->create_veth({.name = "floor0"}, {.name = "eth0"}, there));
  const int peer = TRY(inside->link("eth0")).index;
  TRY(inside->change_link(peer, {.up = true}));
  TRY(inside->add_address({.link_index = peer, .cidr = *Cidr::parse("10.99.0.2/16")}));
  const auto start = std::chrono::steady_clock::now();
  TRY(rtnl->delete_link(index));
  return std::chrono::steady_clock::now() - start;
}

Result<Figures> measure(const Place& place, bool ports, int runs) {
  Figures f;
  for (int i = 0; i < runs; ++i) {
    const auto a = TRY(make_container(fmt::format("a{}{}", ports ? "p" : "n", i)));
    const auto b = TRY(make_container(fmt::format("b{}{}", ports ? "p" : "n", i)));
    const auto peer = TRY(peers(place, "ADD", a, ports, 20000 + i, ""));
    const auto our = TRY(ours(place, "ADD", b, ports, 30000 + i));
    f.peer_add.add(peer.wall);
    f.our_add.add(our.wall);
    f.peak_kib = std::max(f.peak_kib, our.peak_kib);
    f.peer_del.add(TRY(peers(place, "DEL", a, ports, 20000 + i, peer.out)).wall);
    f.our_del.add(TRY(ours(place, "DEL", b, ports, 30000 + i)).wall);
    f.kernel_del.add(TRY(kernel_delete()));
    for (const auto& c : {a, b}) TRY(kernel::NetNs::unpin(c.netns));
  }
  return f;
}

/// The median ADD (with masquerade and a port) while `standing` others stay attached; they are attached by
/// this call from number `first` on.
Result<double> add_among(const Place& place, int first, int standing, int runs) {
  for (int i = first; i < standing; ++i)
    TRY(ours(place, "ADD", TRY(make_container(fmt::format("s{}", i))), true, 40000 + i));
  Samples samples;
  for (int i = 0; i < runs; ++i) {
    const auto c = TRY(make_container(fmt::format("g{}-{}", standing, i)));
    samples.add(TRY(ours(place, "ADD", c, true, 50000 + i)).wall);
    TRY(ours(place, "DEL", c, true, 50000 + i));
    TRY(kernel::NetNs::unpin(c.netns));
  }
  return samples.median();
}

void print_row(const char* what, const Samples& peer, const Samples& our) {
  fmt::print("{:<34} {:>8.2f} {:>8.2f}   {:>8.2f} {:>8.2f}   {:>6.1f}\n", what, peer.median(),
             peer.quantile(0.95), our.median(), our.quantile(0.95), peer.median() / our.median());
}

Result<> bench(const Place& place, int runs, bool json) {
  TRY(measure(place, true, 2));  // warm: the bridges, our table, the page cache
  const Figures plain = TRY(measure(place, false, runs));
  const Figures ports = TRY(measure(place, true, runs));
  const double one = TRY(add_among(place, 0, 1, runs));
  const double many = TRY(add_among(place, 1, 200, runs));
  const double peak = static_cast<double>(std::max(plain.peak_kib, ports.peak_kib)) / 1024;
  const double del_vs_kernel = plain.our_del.median() / plain.kernel_del.median();
  if (json) {
    fmt::print(
        "{{\"add_plain_ratio\":{:.2f},\"add_ports_ratio\":{:.2f},\"del_plain_vs_kernel\":{:.2f},"
        "\"del_ports_ratio\":{:.2f},\"add_growth_1_to_200\":{:.2f},\"peak_mib\":{:.2f}}}\n",
        plain.peer_add.median() / plain.our_add.median(), ports.peer_add.median() / ports.our_add.median(),
        del_vs_kernel, ports.peer_del.median() / ports.our_del.median(), many / one, peak);
    return {};
  }
  fmt::print("{} runs in turn; milliseconds, whole processes\n", runs);
  fmt::print("{:<34} {:>17}   {:>17}\n", "", "CNI project's", "podwire-cni");
  fmt::print("{:<34} {:>8} {:>8}   {:>8} {:>8}   {:>6}\n", "", "median", "p95", "median", "p95", "ratio");
  print_row("ADD bridge", plain.peer_add, plain.our_add);
  print_row("ADD bridge, masquerade, one port", ports.peer_add, ports.our_add);
  print_row("DEL bridge", plain.peer_del, plain.our_del);
  print_row("DEL bridge, masquerade, one port", ports.peer_del, ports.our_del);
  fmt::print(
      "\nthe kernel's own RTM_DELLINK        {:.2f} (p95 {:.2f}); our plain DEL is {:.2f} times that\n",
      plain.kernel_del.median(), plain.kernel_del.quantile(0.95), del_vs_kernel);
  fmt::print("our ADD with a port beside 1 / 200  {:.2f} / {:.2f}: {:.2f}\n", one, many, many / one);
  fmt::print("peak memory of podwire-cni          {:.2f} MiB\n", peak);
  return {};
}

/// Fresh network and mount namespaces, so that neither bridges nor iptables rules reach the machine's own.
Result<> isolate() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET) != 0)
    return fail("make namespaces", {}, errno, "this needs root");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail("make mounts private", "/", errno);
  if (::mount("tmpfs", "/run", "tmpfs", 0, "mode=755") != 0) return fail("mount tmpfs on", "/run", errno);
  auto& host = kernel::real_host();
  const auto rtnl = TRY(host.rtnl(TRY(host.current_netns())));
  return rtnl->change_link(TRY(rtnl->link("lo")).index, {.up = true});
}

Result<> run_all(int runs, bool json) {
  for (const auto* peer : {"bridge", "host-local", "portmap"})
    if (!file_exists(std::string(kPeers) + peer))
      return fail("find peer", std::string(kPeers) + peer, ENOENT, "install containernetworking-plugins");
  const char* named = std::getenv("PODWIRE_CNI");
  std::string self = TRY(run_checked({.argv = {"readlink", "-f", fmt::format("/proc/{}/exe", ::getpid())}}));
  self = self.substr(0, self.find("/tests/bench/"));
  Place place{"/var/tmp/podwire-bench-XXXXXX", named != nullptr ? named : self + "/podwire-cni"};
  if (!file_exists(place.ours)) return fail("find", place.ours, ENOENT, "build it or set PODWIRE_CNI");
  TRY(isolate());
  if (::mkdtemp(place.dir.data()) == nullptr) return fail("make directory", place.dir, errno);
  auto done = bench(place, runs, json);
  TRY(run_checked({.argv = {"rm", "-rf", place.dir}}));
  return done;
}

}  // namespace
}  // namespace podwire::bench

int main(int argc, char** argv) {
  bool json = false;
  int runs = 50;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) {
      json = true;
    } else if (std::strcmp(argv[i], "--runs") == 0 && i + 1 < argc) {
      runs = std::atoi(argv[++i]);
    } else {
      fmt::print(stderr, "usage: bench_cni [--json] [--runs N]\n");
      return 2;
    }
  }
  if (runs < 1) {
    fmt::print(stderr, "bench_cni: --runs wants a number from 1 up\n");
    return 2;
  }
  if (auto done = podwire::bench::run_all(runs, json); !done) {
    fmt::print(stderr, "bench_cni: {}\n", done.error().message());
    return 1;
  }
  return 0;
}
