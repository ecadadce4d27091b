#include <fmt/format.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <thread>
#include <unordered_set>

#include "tests/bench/server/figures.h"
#include "tests/bench/server/objects.h"
#include "tests/bench/server/servers.h"

namespace podwire::bench {
namespace {

/// Connections of which is asked only which has something to read.
class Poll {
 public:
  Poll() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {}
  Result<> add(const Connection& connection, std::uint64_t id) {
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = id}};
    if (::epoll_ctl(fd_.raw(), EPOLL_CTL_ADD, connection.fd().raw(), &event) != 0)
      return fail("poll a connection", {}, errno);
    return {};
  }
  /// Which got something since they were last returned; waits until there are some.
  Result<std::vector<std::uint64_t>> wait() {
    auto out = TRY(look(30'000));
    if (out.empty()) return fail("wait for events", {}, ETIMEDOUT);
    return out;
  }
  /// The same, perhaps none.
  Result<std::vector<std::uint64_t>> look(int timeout_ms = 0) {
    const int got = ::epoll_wait(fd_.raw(), events_.data(), events_.size(), timeout_ms);
    if (got < 0) return fail("wait for events", {}, errno);
    std::vector<std::uint64_t> out;
    for (int i = 0; i < got; ++i) out.push_back(events_[static_cast<std::size_t>(i)].data.u64);
    return out;
  }

 private:
  UniqueFd fd_;
  std::array<epoll_event, 512> events_{};
};

/// The Services' revision now.
Result<std::string> revision(Connection& connection) {
  const auto list = TRY(connection.call(get(kServices)));
  const auto at = list.body.find("\"resourceVersion\":\"");
  if (at == std::string::npos) return fail("list", kServices, 0, list.body);
  return list.body.substr(at + 19, list.body.find('"', at + 19) - at - 19);
}

/// Watches the Services from a revision on. Without bookmarks: all that comes are the events.
Result<Connection> watch(const Podwire& server, const std::string& from) {
  auto connection = TRY(server.connect());
  TRY(connection.send(
      get(fmt::format("{}?watch=true&timeoutSeconds=3000&resourceVersion={}", kServices, from))));
  TRY(connection.begin_stream());
  return connection;
}

/// Reads the event of that Service.
Result<> expect(Connection& connection, int n) {
  const auto wanted = fmt::format("\"name\":\"svc-{}\"", n);
  const auto line = TRY(connection.line());
  if (line.find("\"type\":\"ADDED\"") == std::string::npos || line.find(wanted) == std::string::npos)
    return fail("watch for " + wanted, {}, 0, line);
  return {};
}

Result<> measure_one(const Site& site, const Scale& scale, Watching& out) {
  const auto server = TRY(Podwire::start(site.program, site.disk + "/one-watcher", {"--in-memory"}));
  auto writer = TRY(server.connect());
  TRY(writer.call(post("/api/v1/namespaces", kNamespace)));
  auto watcher = TRY(watch(server, TRY(revision(writer))));
  Poll poll;
  TRY(poll.add(writer, 0));
  TRY(poll.add(watcher, 1));
  for (int n = 0; n < scale.of(2000); ++n) {
    const auto request = post(kServices, service(n));
    const auto start = Clock::now();
    TRY(writer.send(request));
    double acknowledged = 0, heard = 0;
    while (acknowledged == 0 || heard == 0)
      for (const auto id : TRY(poll.wait())) {
        if (id == 0) {
          TRY(writer.receive());
          acknowledged = ms_since(start);
        } else {
          TRY(expect(watcher, n));
          heard = ms_since(start);
        }
      }
    out.write_to_event_ms.add(heard);
    out.ack_to_event_ms.add(std::max(0.0, heard - acknowledged));
  }
  return {};
}

Result<> measure_many(const Site& site, const Scale& scale, Watching& out) {
  auto server = TRY(Podwire::start(site.program, site.disk + "/watchers"));
  auto writer = TRY(server.connect());
  TRY(writer.call(post("/api/v1/namespaces", kNamespace)));
  const auto from = TRY(revision(writer));
  std::vector<Connection> watchers;
  Poll poll;
  for (int n = 0; n < scale.of(5000); ++n) {
    watchers.push_back(TRY(watch(server, from)));
    TRY(poll.add(watchers.back(), static_cast<std::uint64_t>(n)));
  }
  out.mib = TRY(server.process().mib());
  for (int round = 0; round < (scale.quick ? 3 : 20); ++round) {
    const auto request = post(kServices, service(round));
    std::unordered_set<std::uint64_t> reached;
    const auto cpu = TRY(server.process().cpu_ms());
    const auto start = Clock::now();
    TRY(writer.send(request));
    // Looks now and then: to be woken for each of them would cost the server's machine what is others' to
    // pay.
    while (reached.size() < watchers.size()) {
      if (ms_since(start) > 30'000)
        return fail("reach all watchers", fmt::format("{} of {} reached", reached.size(), watchers.size()),
                    ETIMEDOUT);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      for (const auto id : TRY(poll.look())) reached.insert(id);
    }
    out.fanout_ms.add(ms_since(start));
    out.fanout_cpu_ms.add(TRY(server.process().cpu_ms()) - cpu);
    // Each of them has a machine of its own to decrypt and read it on: here that is done afterwards.
    TRY(writer.receive());
    for (auto& watcher : watchers) TRY(expect(watcher, round));
  }
  return {};
}

}  // namespace

Result<Watching> measure_watching(const Site& site, const Scale& scale) {
  Watching out;
  TRY(measure_one(site, scale, out));
  TRY(measure_many(site, scale, out));
  return out;
}

}  // namespace podwire::bench
