#include "plugin_run.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "base/file.h"

namespace podwire::bench {
namespace {

Result<UniqueFd> memory_file(std::string_view content) {
  UniqueFd fd(::memfd_create("podwire-bench", MFD_CLOEXEC));
  if (!fd) return fail("create memory file", {}, errno);
  TRY(write_all(fd.get(), content));
  ::lseek(fd.raw(), 0, SEEK_SET);
  return fd;
}

}  // namespace

Result<PluginRun> run_plugin(const PluginCall& call) {
  const auto in = TRY(memory_file(call.config));
  const auto out = TRY(memory_file(""));
  const char* path = std::getenv("PATH");
  std::vector<std::string> env{
      "CNI_COMMAND=" + call.command, "CNI_CONTAINERID=" + call.container_id,
      "CNI_NETNS=" + call.netns,     "CNI_IFNAME=eth0",
      "CNI_PATH=/usr/lib/cni",       std::string("PATH=") + (path ? path : "/usr/sbin:/usr/bin")};
  std::vector<char*> envp;
  for (auto& e : env) envp.push_back(e.data());
  envp.push_back(nullptr);
  std::string program = call.program;
  char* argv[] = {program.data(), nullptr};

  posix_spawn_file_actions_t streams;
  posix_spawn_file_actions_init(&streams);
  posix_spawn_file_actions_adddup2(&streams, in.raw(), 0);
  posix_spawn_file_actions_adddup2(&streams, out.raw(), 1);
  PluginRun run;
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  const int err = ::posix_spawn(&child, program.c_str(), &streams, nullptr, argv, envp.data());
  posix_spawn_file_actions_destroy(&streams);
  if (err != 0) return fail("start", program, err);
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR) return fail("wait for", program, errno);
  run.wall = std::chrono::steady_clock::now() - start;
  run.peak_kib = usage.ru_maxrss;
  ::lseek(out.raw(), 0, SEEK_SET);
  run.out = TRY(read_all(out.get()));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(call.command + " by", program, 0, "it failed: " + run.out);
  return run;
}

double Samples::quantile(double q) const {
  std::vector<double> sorted = ms_;
  std::ranges::sort(sorted);
  return sorted[static_cast<std::size_t>(std::floor(q * static_cast<double>(sorted.size() - 1) + 0.5))];
}

}  // namespace podwire::bench
