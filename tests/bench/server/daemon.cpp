#include "tests/bench/server/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>

#include "base/file.h"
#include "base/spawn.h"

namespace podwire::bench {

Result<Daemon> Daemon::start(std::vector<std::string> argv, const std::string& log) {
  const auto out = TRY(open_file(log, O_WRONLY | O_CREAT | O_TRUNC));
  Command command{.argv = std::move(argv), .env = {}, .input = {}};
  command.before_exec = [] { return ::prctl(PR_SET_PDEATHSIG, SIGKILL); };
  const auto pid = TRY(spawn(command, {.in = {}, .out = out.get(), .err = out.get()}));
  return Daemon(pid, log);
}

void Daemon::stop() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(std::exchange(pid_, 0), nullptr, 0);
}

void Daemon::end() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, 0), nullptr, 0);
}

bool Daemon::runs() const {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

Result<double> Daemon::mib() const {
  const auto path = fmt::format("/proc/{}/status", pid_);
  const auto status = TRY(read_file(path));
  const auto at = status.find("VmRSS:");
  if (at == std::string::npos) return fail("read VmRSS in", path);
  return std::strtod(status.c_str() + at + 6, nullptr) / 1024;
}

Result<double> Daemon::cpu_ms() const {
  const auto nanoseconds = TRY(read_file(fmt::format("/proc/{}/schedstat", pid_)));
  return std::strtod(nanoseconds.c_str(), nullptr) / 1e6;
}

std::string Daemon::last_words() const {
  auto said = read_file(log_).value_or("");
  while (said.ends_with('\n')) said.pop_back();
  return said.substr(said.rfind('\n') + 1);
}

}  // namespace podwire::bench
