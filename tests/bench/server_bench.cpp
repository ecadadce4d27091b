// bench_server [--json] [--quick]: podwire server beside etcd, in namespaces of its own.
// docs/benchmarks.md says what is measured and how.
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "base/process.h"
#include "tests/bench/common/host.h"
#include "tests/bench/server/figures.h"

namespace {
using namespace podwire;
using namespace podwire::bench;

struct Options {
  bool json = false;
  Scale scale;
};

struct Figures {
  Idle idle;
  Creates creates;
  Cluster cluster;
  Watching watching;
};

int usage() {
  fmt::print(stderr,
             "Usage: bench_server [--json] [--quick]\n"
             "Measures podwire server ($PODWIRE, or as built) beside etcd. --quick: a tenth of every size.\n"
             "Example: bench_server --quick\n");
  return 2;
}

/// $PODWIRE, else the program of the build that this one is of.
std::string find_podwire() {
  if (const char* given = std::getenv("PODWIRE"); given != nullptr && *given != '\0') return given;
  return std::filesystem::canonical("/proc/self/exe").parent_path() / "../../podwire";
}

void print_row(std::string_view what, std::string_view ours, std::string_view bar = "",
               std::string_view etcd = "") {
  fmt::print("{:<52}{:>12}{:>12}{:>12}\n", what, ours, bar, etcd);
}
std::string ms(double value) { return fmt::format("{:.2f}", value); }

void print_table(const Figures& f) {
  print_row("milliseconds, unless it says otherwise", "podwire", "bar", "etcd");
  print_row("ready, with nothing there", ms(f.idle.ready_ms.median()), "50",
            ms(f.idle.etcd_ready_ms.median()));
  print_row("ready, with 20,000 objects", ms(f.cluster.ready_20000_ms), "300");
  print_row("memory at rest, MiB", ms(f.idle.mib), "15", ms(f.idle.etcd_mib));
  print_row("memory with 1,000 nodes and 10,000 pods, MiB", ms(f.cluster.mib), "150");
  print_row("durable create, one client: p50", ms(f.creates.one.ms.median()), "2",
            ms(f.creates.etcd_one.ms.median()));
  print_row("  p99", ms(f.creates.one.ms.p99()), "2", ms(f.creates.etcd_one.ms.p99()));
  print_row(fmt::format("  {} clients: p99", Creates::kClients), ms(f.creates.many.ms.p99()), "",
            ms(f.creates.etcd_many.ms.p99()));
  print_row("  creates a second", fmt::format("{:.0f}", f.creates.many.per_second()), "etcd's",
            fmt::format("{:.0f}", f.creates.etcd_many.per_second()));
  print_row("get of a pod: p50", ms(f.cluster.get_ms.median()));
  print_row(fmt::format("list of 10,000 pods ({:.1f} MB)", static_cast<double>(f.cluster.list_bytes) / 1e6),
            ms(f.cluster.list_ms.median()));
  print_row("  its first byte", ms(f.cluster.list_first_byte_ms.median()));
  print_row("event to one watcher, after its writer's answer", ms(f.watching.ack_to_event_ms.median()),
            "0.2");
  print_row("  from before the write was sent (not durable)", ms(f.watching.write_to_event_ms.median()));
  print_row("event to the last of 5,000 watchers (durable)", ms(f.watching.fanout_ms.median()), "60");
  print_row("  of that on a CPU", ms(f.watching.fanout_cpu_ms.median()));
  print_row("memory with 5,000 watchers, MiB", ms(f.watching.mib));
  print_row("Services created, a second", fmt::format("{:.0f}", f.cluster.services.per_second()));
  print_row("  distinct ClusterIPs", fmt::format("{}", f.cluster.distinct_ips),
            fmt::format("{}", f.cluster.services.count));
}

void print_json(const Figures& f, bool quick) {
  std::string out;
  const auto add = [&](std::string_view key, double value) {
    out += fmt::format("{}\"{}\":{:.3f}", out.empty() ? "" : ",", key, value);
  };
  add("ready_ms", f.idle.ready_ms.median());
  add("ready_20000_ms", f.cluster.ready_20000_ms);
  add("idle_mib", f.idle.mib);
  add("rss_1000n_10000p_mib", f.cluster.mib);
  add("create_p50_ms", f.creates.one.ms.median());
  add("create_p99_ms", f.creates.one.ms.p99());
  add("create_16_p99_ms", f.creates.many.ms.p99());
  add("creates_per_s", f.creates.many.per_second());
  add("create_vs_etcd", f.creates.many.per_second() / f.creates.etcd_many.per_second());
  add("create_one_vs_etcd", f.creates.one.per_second() / f.creates.etcd_one.per_second());
  add("get_p50_ms", f.cluster.get_ms.median());
  add("list_10000_pods_ms", f.cluster.list_ms.median());
  add("list_first_byte_ms", f.cluster.list_first_byte_ms.median());
  add("watch_p50_ms", f.watching.ack_to_event_ms.median());
  add("write_to_event_p50_ms", f.watching.write_to_event_ms.median());
  add("fanout_5000_ms", f.watching.fanout_ms.median());
  add("fanout_5000_cpu_ms", f.watching.fanout_cpu_ms.median());
  add("rss_5000_watchers_mib", f.watching.mib);
  add("services_per_s", f.cluster.services.per_second());
  add("services_10000_distinct", f.cluster.distinct_ips);
  add("etcd_ready_ms", f.idle.etcd_ready_ms.median());
  add("etcd_idle_mib", f.idle.etcd_mib);
  add("etcd_put_p50_ms", f.creates.etcd_one.ms.median());
  add("etcd_put_p99_ms", f.creates.etcd_one.ms.p99());
  add("etcd_puts_per_s", f.creates.etcd_many.per_second());
  fmt::print("{{{},\"quick\":{}}}\n", out, quick);
}

Result<> run(const Options& options) {
  const auto program = find_podwire();
  if (::access(program.c_str(), X_OK) != 0) return fail("run", program, errno, "build podwire");
  if (find_program("etcd").empty()) return fail("run", "etcd", ENOENT, "install etcd-server");
  // A descriptor for each watcher, here and in the server.
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::signal(SIGPIPE, SIG_IGN);  // a server that has gone is an Error
  const auto host = TRY(Host::enter());
  const Site site{program, host.disk()};
  Figures figures;
  figures.idle = TRY(measure_idle(site, options.scale));
  figures.creates = TRY(measure_creates(site, options.scale));
  figures.cluster = TRY(measure_cluster(site, options.scale));
  figures.watching = TRY(measure_watching(site, options.scale));
  if (options.json)
    print_json(figures, options.scale.quick);
  else
    print_table(figures);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--json")
      options.json = true;
    else if (arg == "--quick")
      options.scale.quick = true;
    else
      return usage();
  }
  if (const auto done = run(options); !done) {
    fmt::print(stderr, "bench_server: {}\n", done.error().message());
    return 1;
  }
  return 0;
}
