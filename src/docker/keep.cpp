#include "docker/keep.h"

#include <cerrno>
#include <chrono>

#include "base/log.h"
#include "docker/container_store.h"
#include "docker/takedown.h"
#include "oci/container_log.h"
#include "oci/rootfs.h"
#include "oci/supervise.h"

namespace podwire::docker {
namespace {

std::string now() { return oci::timestamp(std::chrono::system_clock::now()); }

/// Reads, changes and writes a record under the lock.
template <class F>
Result<Container> update(const Site& site, const std::string& id, F change) {
  const ContainerStore store(site.containers_dir());
  const auto held = TRY(site.lock());
  Container container = TRY(store.read(id));
  change(container);
  TRY(store.write(container));
  return container;
}

oci::OverlayPlaces places_of(const std::string& dir) {
  return {
      .upper = dir + "/upper", .work = dir + "/work", .memory = dir + "/memory", .target = dir + "/rootfs"};
}

Result<> prepare(const Site& site, const Container& container) {
  const ContainerStore store(site.containers_dir());
  const std::string dir = store.directory(container.id);
  oci::ImageStore images(site.images_dir());
  const auto rootfs =
      TRY(oci::find_rootfs(images, container.image_id.empty() ? container.image : container.image_id,
                           {site.roots().state, site.roots().run}));
  if (container.attachment.network == "host")
    if (const int err = site.netns().join(); err != 0)
      return fail("enter network namespace", site.netns().name(), err);
  TRY(oci::enter_private_mounts());
  return oci::mount_rootfs(
      rootfs,
      {.upper = dir + "/upper", .work = dir + "/work", .memory = dir + "/memory", .target = dir + "/rootfs"});
}

/// How it ended is written down before the network goes, so that a kill in between is settled as an end.
Result<> finish(const Site& site, const std::string& id, const oci::StartResult<int>& ended) {
  const ContainerStore store(site.containers_dir());
  Container container = TRY(update(site, id, [&](Container& c) {
    c.phase = Phase::exited;
    c.finished = now();
    if (ended)
      c.exit_code = *ended;
    else
      c.error = ended.error().error.message();
  }));
  TRY(oci::unmount_rootfs(places_of(store.directory(id))));
  const auto held = TRY(site.lock());
  TRY(disconnect(site, container));
  return container.remove_at_end || !ended ? store.remove(id) : Result<>{};
}

}  // namespace

oci::StartResult<int> keep_container(const Site& site, const std::string& id,
                                     const std::function<void()>& started) {
  const auto engine = [](const Error& error) { return std::unexpected(oci::StartError{125, error}); };
  const ContainerStore store(site.containers_dir());
  auto container = update(site, id, [](Container& c) { c.keeper = oci::ProcessIdentity::self(); });
  if (!container) return engine(container.error());
  oci::Supervision job{.id = id,
                       .bundle = store.bundle(id),
                       .log = store.log(id),
                       .terminal = container->terminal,
                       .detached = container->detached,
                       .interactive = container->interactive,
                       .started = {}};
  const auto mark_running = [&] {
    const auto marked = update(site, id, [](Container& c) {
      c.phase = Phase::running;
      c.started = now();
    });
    if (!marked) log::warn("record of a container cannot be written", {{"error", marked.error().message()}});
  };
  job.started = [&](pid_t) {
    mark_running();
    if (started) started();
  };
  oci::StartResult<int> ended = 0;
  if (auto prepared = prepare(site, *container); !prepared) {
    ended = engine(prepared.error());
  } else {
    if (job.terminal && !job.detached) mark_running();
    ended = oci::supervise(oci::Runc(site.runc_dir()), job);
  }
  if (auto finished = finish(site, id, ended); !finished && finished.error().sys_errno != ENOENT)
    log::warn("what a container left could not be removed",
              {{"id", id}, {"error", finished.error().message()}});
  return ended;
}

}  // namespace podwire::docker
