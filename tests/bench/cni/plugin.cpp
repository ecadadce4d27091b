#include "tests/bench/cni/plugin.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "base/file.h"
#include "tests/bench/common/host.h"

namespace podwire::bench {
namespace {

/// What nf_tables and netdev deleted is freed some 10 ms later, and whoever closes a netfilter socket or
/// takes the rtnetlink lock by then waits for it: nobody is to pay for another's run.
constexpr std::chrono::milliseconds kSettle{25};

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail("make pipe", {}, errno);
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

std::vector<std::string> environment(const Call& call) {
  return {"CNI_COMMAND=" + call.command,
          "CNI_CONTAINERID=" + call.container,
          "CNI_NETNS=" + netns_path(call.container),
          "CNI_IFNAME=eth0",
          "CNI_PATH=/usr/lib/cni",
          "PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
}

}  // namespace

void settle() { std::this_thread::sleep_for(kSettle); }

Result<Ran> run_plugin(const Call& call) {
  const auto env = environment(call);
  std::vector<char*> envp;
  for (const auto& e : env) envp.push_back(const_cast<char*>(e.c_str()));
  envp.push_back(nullptr);
  char* argv[] = {const_cast<char*>(call.program.c_str()), nullptr};

  auto in = TRY(make_pipe());
  auto out = TRY(make_pipe());
  TRY(write_all(in.write.get(), call.config));  // it fits a pipe
  in.write.reset();

  settle();
  const auto start = std::chrono::steady_clock::now();
  // fork and not vfork: a child that shares our memory until its exec has our peak counted as its own.
  const pid_t child = ::fork();
  if (child < 0) return fail("fork", {}, errno);
  if (child == 0) {
    ::dup2(in.read.raw(), 0);
    ::dup2(out.write.raw(), 1);
    ::execve(argv[0], argv, envp.data());
    ::_exit(127);
  }
  out.write.reset();
  Ran ran{.out = TRY(read_all(out.read.get()))};
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child) return fail("wait for", call.program, errno);
  const auto end = std::chrono::steady_clock::now();
  ran.ms = std::chrono::duration<double, std::milli>(end - start).count();
  ran.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(call.command + " of " + call.container + " by", call.program, 0, ran.out);
  return ran;
}

}  // namespace podwire::bench
