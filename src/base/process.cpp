#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "base/spawn.h"

namespace podwire {
namespace {

/// Feeds stdin and drains stdout and stderr at once, so that no side blocks on a full pipe.
Result<> exchange(std::string_view input, UniqueFd in, UniqueFd out, UniqueFd err, Output& result) {
  ::fcntl(in.raw(), F_SETFL, O_NONBLOCK);
  if (input.empty()) in.reset();
  while (in || out || err) {
    std::array<pollfd, 3> fds{pollfd{in.raw(), POLLOUT, 0}, pollfd{out.raw(), POLLIN, 0},
                              pollfd{err.raw(), POLLIN, 0}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return fail("poll", "child's pipes", errno);
    if (in && fds[0].revents != 0) {
      const ssize_t n = ::write(in.raw(), input.data(), input.size());
      if (n > 0) input.remove_prefix(static_cast<std::size_t>(n));
      if ((n < 0 && errno != EAGAIN && errno != EINTR) || input.empty()) in.reset();
    }
    const auto drain = [](UniqueFd& fd, short events, std::string& into) {
      if (!fd || events == 0) return;
      char buf[16384];
      const ssize_t n = ::read(fd.raw(), buf, sizeof buf);
      if (n > 0) into.append(buf, static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno != EINTR)) fd.reset();
    };
    drain(out, fds[1].revents, result.out);
    drain(err, fds[2].revents, result.err);
  }
  return {};
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
  const char* path = std::getenv("PATH");
  std::string dirs =
      fmt::format("{}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", path ? path : "");
  for (std::size_t at = 0; at <= dirs.size();) {
    const auto end = std::min(dirs.find(':', at), dirs.size());
    const std::string candidate = dirs.substr(at, end - at) + "/" + name;
    if (end > at && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    at = end + 1;
  }
  return "";
}

Result<Output> run(const Command& command) {
  auto in = TRY(make_pipe());
  auto out = TRY(make_pipe());
  auto err = TRY(make_pipe());
  const pid_t child =
      TRY(spawn(command, {in.read.get(), out.write.get(), command.inherit_stderr ? Fd(2) : err.write.get()}));
  in.read.reset();
  out.write.reset();
  err.write.reset();
  auto* const old = ::signal(SIGPIPE, SIG_IGN);
  Output result;
  auto exchanged =
      exchange(command.input, std::move(in.write), std::move(out.read), std::move(err.read), result);
  ::signal(SIGPIPE, old);
  result.status = TRY(wait_for(child));
  TRY(std::move(exchanged));
  return result;
}

Result<std::string> run_checked(const Command& command) {
  auto output = TRY(run(command));
  if (output.status == 0) return std::move(output.out);
  std::string_view why = output.err.empty() ? output.out : output.err;
  while (!why.empty() && why.back() == '\n') why.remove_suffix(1);
  why = why.substr(why.rfind('\n') + 1);
  return fail("run", fmt::format("{}", fmt::join(command.argv, " ")), 0,
              fmt::format("exit status {}{}{}", output.status, why.empty() ? "" : ": ", why));
}

}  // namespace podwire
