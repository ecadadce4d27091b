#include "standin/run.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "base/file.h"
#include "standin/server.h"

namespace podwire::standin {
namespace {

namespace asio = boost::asio;
using Make = Result<Program> (*)(const std::vector<std::string>&, const Surroundings&);

constexpr int kUsageError = 2;

constexpr std::array<std::pair<std::string_view, Make>, 5> kPrograms{{{"hello-kubernetes", hello_kubernetes},
                                                                      {"nginx", nginx},
                                                                      {"http-echo", http_echo},
                                                                      {"agnhost", agnhost},
                                                                      {"pause", pause}}};

void say(Fd where, std::string_view line) {
  [[maybe_unused]] const auto said = write_all(where, fmt::format("{}\n", line));
}

int complain(const Error& error, int status) {
  say(Fd(2), fmt::format("error: {}", error.message()));
  return status;
}

/// Process 1 inherits what others leave behind.
void reap_children(asio::signal_set& ended) {
  ended.async_wait([&ended](boost::system::error_code error, int) {
    if (error) return;
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    reap_children(ended);
  });
}

int serve(const Program& program, const Surroundings& around) {
  ::signal(SIGPIPE, SIG_IGN);
  asio::io_context io(1);
  int status = 0;
  asio::signal_set stop(io, SIGTERM, SIGINT, SIGQUIT);
  stop.async_wait([&io](boost::system::error_code, int) { io.stop(); });
  asio::signal_set ended(io, SIGCHLD);
  reap_children(ended);
  Server server(io, program, around, [&](int wanted) {
    status = wanted;
    io.stop();
  });
  if (const auto started = server.start(); !started) return complain(started.error(), 1);
  if (program.site)
    say(Fd(1), fmt::format("{} (podwire's stand-in) listens on port {}", program.name, server.http_port()));
  io.run();
  return status;
}

}  // namespace

int run_stand_in(const std::vector<std::string>& name_and_arguments) {
  const std::string name = name_and_arguments.empty() ? "" : name_and_arguments[0];
  const auto* found = std::ranges::find(kPrograms, name, &std::pair<std::string_view, Make>::first);
  if (found == kPrograms.end())
    return complain(Error{.verb = "start stand-in",
                          .object = name,
                          .detail = fmt::format("there are {}", fmt::join(stand_in_names(), ", "))},
                    kUsageError);
  const auto around = real_surroundings();
  const auto program = found->second({name_and_arguments.begin() + 1, name_and_arguments.end()}, around);
  if (!program) return complain(program.error(), kUsageError);
  return serve(*program, around);
}

std::vector<std::string> stand_in_names() {
  std::vector<std::string> out;
  for (const auto& [name, make] : kPrograms) out.emplace_back(name);
  return out;
}

}  // namespace podwire::standin
