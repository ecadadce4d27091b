#include "docker/takedown.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <thread>

#include "base/log.h"
#include "docker/name_files.h"
#include "docker/networks.h"
#include "oci/container_log.h"
#include "oci/runc.h"

namespace podwire::docker {
namespace {

std::string now() { return oci::timestamp(std::chrono::system_clock::now()); }

/// Polls until it holds; the kernel and other processes need their time, but not for ever.
template <class F>
bool eventually(std::chrono::milliseconds patience, F holds) {
  constexpr auto kPause = std::chrono::milliseconds(10);
  for (auto waited = std::chrono::milliseconds(0); waited < patience; waited += kPause) {
    if (holds()) return true;
    std::this_thread::sleep_for(kPause);
  }
  return holds();
}

Result<> remove_for_good(const Site& site, Container& container) {
  ErrorList errors;
  errors.check(oci::Runc(site.runc_dir()).remove(container.id));
  errors.check(disconnect(site, container));
  if (errors.empty()) errors.check(ContainerStore(site.containers_dir()).remove(container.id));
  return errors.result();
}

Result<> settle_one(const Site& site, Container& container, bool process_runs) {
  const ContainerStore store(site.containers_dir());
  if (container.phase == Phase::creating) return remove_for_good(site, container);
  if (process_runs) return {};  // only its keeper was killed: it goes on, `rm -f` ends it
  if (container.remove_at_end) return remove_for_good(site, container);
  ErrorList errors;
  errors.check(oci::Runc(site.runc_dir()).remove(container.id));
  errors.check(disconnect(site, container));
  container.phase = Phase::exited;
  container.finished = now();
  errors.check(store.write(container));
  return errors.result();
}

/// What a directory without a readable record can still hold on to.
Result<> remove_broken(const Site& site, const std::string& id) {
  ErrorList errors;
  errors.check(oci::Runc(site.runc_dir()).remove(id));
  errors.check(kernel::NetNs::unpin(site.container_netns(id)));
  errors.check(ContainerStore(site.containers_dir()).remove(id));
  const auto held = site.lock();
  if (!held) return std::unexpected(held.error());
  std::vector<std::string> valid;
  for (const auto& other : TRY(ContainerStore(site.containers_dir()).list()).containers)
    if (other.attachment.up) valid.push_back(other.id);
  const Networks networks(site);
  for (const auto& network : TRY(networks.list()))
    errors.check(TRY(networks.cni(network)).collect_garbage(valid));
  return errors.result();
}

Result<Container> find_settled(const Site& site, const std::string& reference) {
  const auto held = TRY(site.lock());
  TRY(settle(site));
  return ContainerStore(site.containers_dir()).find(reference);
}

/// Kills the process and waits until its keeper has seen that and cleaned up.
Result<> kill_and_wait(const Site& site, const Container& container) {
  TRY(oci::Runc(site.runc_dir()).remove(container.id));
  constexpr auto kPatience = std::chrono::seconds(10);
  if (!eventually(kPatience, [&] { return !container.keeper.alive(); }))
    ::kill(container.keeper.pid, SIGKILL);
  return {};
}

}  // namespace

int pid_of(const Site& site, const Container& container) {
  if (container.phase != Phase::running) return 0;
  const auto text = read_file(ContainerStore(site.containers_dir()).bundle(container.id) + "/pid", 32);
  int pid = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), pid);
  return pid;
}

Result<> rewrite_hosts(const Site& site, const std::string& network) {
  const ContainerStore store(site.containers_dir());
  std::vector<Container> attached;
  for (auto& container : TRY(store.list()).containers)
    if (container.attachment.network == network && container.attachment.up)
      attached.push_back(std::move(container));
  const bool resolves = TRY(Networks(site).find(network)).resolves_names();
  ErrorList errors;
  for (const auto& container : attached)
    errors.check(rewrite_in_place(store.directory(container.id) + "/hosts",
                                  hosts_text(container, attached, resolves)));
  return errors.result();
}

Result<> disconnect(const Site& site, Container& container) {
  const ContainerStore store(site.containers_dir());
  Attachment& attachment = container.attachment;
  ErrorList errors;
  if (attachment.up && attachment.is_network()) {
    const Networks networks(site);
    const auto network = networks.find(attachment.network);
    if (network) {
      const auto cni = networks.cni(*network);
      errors.check(cni ? cni->del(container.id, attachment) : Result<>(std::unexpected(cni.error())));
    } else if (network.error().sys_errno != ENOENT) {
      errors.add(network.error());
    }
  }
  errors.check(kernel::NetNs::unpin(site.container_netns(container.id)));
  if (!errors.empty()) return errors.result();
  if (!attachment.up) return {};
  attachment.up = false;
  TRY(store.write(container));
  return attachment.is_network() ? rewrite_hosts(site, attachment.network) : Result<>{};
}

Result<> settle(const Site& site) {
  const ContainerStore store(site.containers_dir());
  std::vector<Container> orphans;
  for (auto& container : TRY(store.list()).containers)
    if (container.phase != Phase::exited && !container.keeper.alive())
      orphans.push_back(std::move(container));
  if (orphans.empty()) return {};
  const auto boot = TRY(boot_id());
  const auto known = TRY(oci::Runc(site.runc_dir()).list());
  for (auto& container : orphans) {
    const auto state = known.find(container.id);
    const bool runs = container.boot_id == boot && state != known.end() && state->second.status == "running";
    if (auto settled = settle_one(site, container, runs); !settled)
      log::warn("container cannot be settled",
                {{"name", container.name}, {"error", settled.error().message()}});
  }
  return {};
}

Result<> remove_container(const Site& site, const std::string& reference, bool force) {
  const ContainerStore store(site.containers_dir());
  auto found = find_settled(site, reference);
  if (!found && force && found.error().sys_errno == ENOENT && reference.size() == 64 &&
      file_exists(store.directory(reference)))
    return remove_broken(site, reference);
  Container container = TRY(std::move(found));
  if (container.phase != Phase::exited) {
    if (!force)
      return fail("remove container", container.name, EBUSY,
                  fmt::format("it is running; podwire container rm -f {}", reference));
    TRY(kill_and_wait(site, container));
  }
  const auto held = TRY(site.lock());
  auto now_there = store.read(container.id);
  if (!now_there && now_there.error().sys_errno == ENOENT) return {};  // its keeper removed it (--rm)
  container = TRY(std::move(now_there));
  return remove_for_good(site, container);
}

Result<> discard_container(const Site& site, const std::string& id) {
  const auto held = TRY(site.lock());
  auto container = ContainerStore(site.containers_dir()).read(id);
  if (!container)
    return container.error().sys_errno == ENOENT ? Result<>{} : std::unexpected(container.error());
  return remove_for_good(site, *container);
}

Result<> stop_container(const Site& site, const std::string& reference, int grace_seconds) {
  const Container container = TRY(find_settled(site, reference));
  if (container.phase == Phase::exited) return {};
  const oci::Runc runc(site.runc_dir());
  const int pid = pid_of(site, container);
  const auto process = oci::ProcessIdentity::of(pid);
  if (grace_seconds > 0 && process.alive()) {
    TRY(runc.kill(container.id, SIGTERM));
    eventually(std::chrono::seconds(grace_seconds), [&] { return !process.alive(); });
  }
  TRY(kill_and_wait(site, container));
  const auto held = TRY(site.lock());
  return settle(site);
}

}  // namespace podwire::docker
