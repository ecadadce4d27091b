#include "docker/exec.h"

#include <fmt/format.h>

#include <cerrno>

#include "docker/container_store.h"
#include "docker/process_plan.h"
#include "docker/takedown.h"
#include "oci/user.h"

namespace podwire::docker {
namespace {

Result<Container> find_running(const Site& site, const std::string& reference) {
  const auto held = TRY(site.lock());
  TRY(settle(site));
  auto container = TRY(ContainerStore(site.containers_dir()).find(reference));
  if (container.phase != Phase::running)
    return fail(
        "run in container", container.name, 0,
        fmt::format("it is {}; podwire container ls -a shows how it ended", name_of(container.phase)));
  return container;
}

}  // namespace

oci::StartResult<int> exec_in_container(const Site& site, const std::string& reference,
                                        const ExecRequest& request) {
  const auto engine = [](const Error& error) { return std::unexpected(oci::StartError{125, error}); };
  const auto container = find_running(site, reference);
  if (!container) return engine(container.error());
  oci::ExecSpec spec{.args = request.command,
                     .env = plan_environment(request.env),
                     .cwd = request.workdir,
                     .user = {},
                     .terminal = request.terminal,
                     .interactive = request.interactive};
  if (!request.user.empty()) {
    // Seen through the process, so that users that the container added are known.
    const auto user = oci::find_user_in(fmt::format("/proc/{}/root", pid_of(site, *container)), request.user);
    if (!user) return engine(user.error());
    spec.user = fmt::format("{}:{}", user->uid, user->gid);
    if (!user->home.empty()) spec.env.insert(spec.env.begin(), "HOME=" + user->home);
  }
  const ContainerStore store(site.containers_dir());
  return oci::Runc(site.runc_dir()).exec(container->id, spec, store.directory(container->id));
}

}  // namespace podwire::docker
