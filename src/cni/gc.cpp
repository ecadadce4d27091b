#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/file.h"
#include "cni/ipam.h"
#include "cni/table.h"
#include "cni/teardown.h"
#include "cni/verbs.h"

namespace podwire::cni {
namespace {

bool is_valid(const std::vector<Owner>& valid, const Owner& owner) {
  return std::ranges::find(valid, owner) != valid.end();
}

Result<> collect_attachments(const Call& call, const std::vector<Owner>& valid) {
  const auto here = TRY(call.host.current_netns());
  const AttachmentStore store(call.conf.data_dir, call.conf.name);
  ErrorList errors;
  for (const auto& a : TRY(store.all())) {
    if (a.part != part_of(call.conf.role) || is_valid(valid, a.owner)) continue;
    if (auto down = tear_down(call.host, here, store, a); !down)
      errors.add(
          std::move(down.error()).in(a.owner.container_id));  // its record stays: the next GC tries again
    else
      errors.check(forget(call.host, here, store, a));
  }
  if (!store.there()) return errors.result();
  const auto lock = TRY(store.lock());
  errors.check(store.sweep());
  if (TRY(store.all()).empty())
    errors.check(remove_shared(call.host, here, store));  // of an ADD that was killed
  return errors.result();
}

/// What the node's agent says of itself. Without one, pods go on as they are, but nobody follows the cluster.
CniResult<> agent_status(const std::string& dir) {
  if (dir.empty()) return {};
  const auto not_ready = read_file(dir + "/not-ready", 4096);
  if (not_ready && !not_ready->empty())
    return refuse(Code::not_available, "podwire's agent is not ready for pods: " + *not_ready);
  const auto held = FileLock::acquire(dir + "/alive", std::chrono::milliseconds(0));
  if (held || held.error().sys_errno != EWOULDBLOCK)
    return refuse(Code::not_available_limited, "podwire's agent does not run on this node", dir + "/alive");
  return {};
}

}  // namespace

CniResult<> gc(const Call& call) {
  if (!call.conf.valid_attachments || call.conf.role == Role::loopback) return {};
  std::vector<Owner> valid;
  for (const auto& v : *call.conf.valid_attachments) valid.push_back({v.container_id, v.ifname});

  ErrorList errors;
  if (call.conf.role != Role::ipam) errors.check(collect_attachments(call, valid));
  if (call.conf.role != Role::chained)
    if (auto r = collect_address_garbage(call, valid); !r) errors.add({.verb = r.error().msg});
  return as_cni(errors.result());
}

CniResult<> status(const Call& call) {
  TRY(agent_status(call.conf.agent_dir));
  if (call.conf.role == Role::link || call.conf.role == Role::ipam) return address_status(call);
  return {};
}

}  // namespace podwire::cni
