// bench_cni [--json] [--runs N]: podwire-cni beside the CNI project's plugins, in namespaces of its own.
// docs/benchmarks.md says what is measured and how.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "tests/bench/cni/compare.h"
#include "tests/bench/common/host.h"

namespace {
using namespace podwire;
using namespace podwire::bench;

struct Options {
  bool json = false;
  int runs = 50;
};

int usage() {
  fmt::print(stderr,
             "Usage: bench_cni [--json] [--runs N]\n"
             "Compares podwire-cni ($PODWIRE_CNI, or as built) with the plugins in {}.\n"
             "Example: bench_cni --runs 20\n",
             kPeerDirectory);
  return 2;
}

/// $PODWIRE_CNI, else the program of the build that this one is of.
std::string find_podwire_cni() {
  if (const char* given = std::getenv("PODWIRE_CNI"); given != nullptr && *given != '\0') return given;
  return std::filesystem::canonical("/proc/self/exe").parent_path() / "../../podwire-cni";
}

void print_row(std::string_view what, const Samples& s, std::string_view ratio = "") {
  fmt::print("{:<52}{:>9.2f}{:>9.2f}   {}\n", what, s.median(), s.p95(), ratio);
}

std::string times_faster(const Samples& peer, const Samples& ours) {
  return fmt::format("{:.1f} x", peer.median() / ours.median());
}

void print_table(const Comparison& c, const Growth& g, int runs) {
  fmt::print("{} containers of each; milliseconds from process start to exit{:>12}\n", runs, "");
  fmt::print("{:<52}{:>9}{:>9}   {}\n", "", "median", "p95", "peer / ours");
  print_row("ADD  bridge + host-local", c.peer_plain.add);
  print_row("     podwire-cni", c.our_plain.add, times_faster(c.peer_plain.add, c.our_plain.add));
  print_row("ADD  bridge + host-local + portmap, masquerade, port", c.peer_ports.add);
  print_row("     podwire-cni", c.our_ports.add, times_faster(c.peer_ports.add, c.our_ports.add));
  print_row("     podwire-bridge, then podwire-portmap", c.our_list_ports.add,
            times_faster(c.peer_ports.add, c.our_list_ports.add));
  print_row("DEL  bridge + host-local", c.peer_plain.del);
  print_row("     podwire-cni", c.our_plain.del, times_faster(c.peer_plain.del, c.our_plain.del));
  print_row("     the kernel alone: RTM_DELLINK of such a veth", c.kernel_del,
            fmt::format("ours / kernel: {:.2f}", c.our_plain.del.median() / c.kernel_del.median()));
  print_row("DEL  bridge + host-local + portmap, masquerade, port", c.peer_ports.del);
  print_row("     podwire-cni", c.our_ports.del, times_faster(c.peer_ports.del, c.our_ports.del));
  print_row("     podwire-bridge, then podwire-portmap", c.our_list_ports.del,
            times_faster(c.peer_ports.del, c.our_list_ports.del));
  print_row("ADD  podwire-cni with a port, where 1 container is", g.with_1.add);
  print_row("     where 200 are", g.with_200.add,
            fmt::format("200 / 1: {:.2f}", g.with_200.add.median() / g.with_1.add.median()));
  fmt::print("peak memory of podwire-cni: {:.2f} MiB\n", c.peak_mib.largest());
}

void print_json(const Comparison& c, const Growth& g) {
  fmt::print(R"({{"add_plain_ratio":{:.2f},"add_ports_ratio":{:.2f},"del_plain_vs_kernel":{:.2f},)"
             R"("del_ports_ratio":{:.2f},"add_growth_1_to_200":{:.2f},"peak_mib":{:.2f}}})"
             "\n",
             c.peer_plain.add.median() / c.our_plain.add.median(),
             c.peer_ports.add.median() / c.our_ports.add.median(),
             c.our_plain.del.median() / c.kernel_del.median(),
             c.peer_ports.del.median() / c.our_ports.del.median(),
             g.with_200.add.median() / g.with_1.add.median(), c.peak_mib.largest());
}

Result<> run(const Options& options) {
  const auto program = find_podwire_cni();
  for (const auto& needed : {program, std::string(kPeerDirectory) + "/portmap"})
    if (::access(needed.c_str(), X_OK) != 0)
      return fail("run", needed, errno,
                  "build podwire-cni; install containernetworking-plugins and iptables");
  const auto host = TRY(Host::enter());
  const Site site{program, host.disk()};
  const auto comparison = TRY(compare(site, options.runs));
  const auto growth = TRY(grow(site, options.runs));
  if (options.json)
    print_json(comparison, growth);
  else
    print_table(comparison, growth, options.runs);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--json")
      options.json = true;
    else if (arg == "--runs" && i + 1 < argc && std::atoi(argv[i + 1]) > 0)
      options.runs = std::atoi(argv[++i]);
    else
      return usage();
  }
  if (options.runs > 250) return usage();  // the ports of one network
  if (const auto done = run(options); !done) {
    fmt::print(stderr, "bench_cni: {}\n", done.error().message());
    return 1;
  }
  return 0;
}
