#include "tests/bench/server/load.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>

namespace podwire::bench {

void Load::add(const Load& other) {
  ms.add(other.ms);
  seconds += other.seconds;
  count += other.count;
}

Result<Load> drive(std::vector<Connection>& connections, int first, int count,
                   const std::function<std::string(int)>& request,
                   const std::function<void(int, const Answer&)>& take) {
  struct Call {
    int number = 0;
    Clock::time_point start;
  };
  Load out;
  std::vector<Call> calls(connections.size());
  const UniqueFd ready(::epoll_create1(EPOLL_CLOEXEC));
  int next = first, answered = 0;
  const auto send = [&](std::size_t at) -> Result<> {
    if (next == first + count) return {};
    const auto text = request(next);
    calls[at] = {next++, Clock::now()};
    return connections[at].send(text);
  };
  for (std::size_t at = 0; at < connections.size(); ++at) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = at}};
    if (::epoll_ctl(ready.raw(), EPOLL_CTL_ADD, connections[at].fd().raw(), &event) != 0)
      return fail("poll a connection", {}, errno);
  }
  const auto start = Clock::now();
  for (std::size_t at = 0; at < connections.size(); ++at) TRY(send(at));
  std::array<epoll_event, 64> events{};
  while (answered < count) {
    const int got = ::epoll_wait(ready.raw(), events.data(), events.size(), 30'000);
    if (got <= 0) return fail("wait for answers", {}, got == 0 ? ETIMEDOUT : errno);
    for (int i = 0; i < got; ++i) {
      const auto at = events[static_cast<std::size_t>(i)].data.u64;
      const auto answer = TRY(connections[at].receive());
      out.ms.add(ms_since(calls[at].start));
      if (answer.status / 100 != 2)
        return fail("send request", std::to_string(calls[at].number), 0,
                    fmt::format("{}: {}", answer.status, answer.body));
      if (take) take(calls[at].number, answer);
      ++answered;
      TRY(send(at));
    }
  }
  out.seconds = ms_since(start) / 1000;
  out.count = count;
  return out;
}

}  // namespace podwire::bench
