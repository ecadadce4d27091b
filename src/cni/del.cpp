#include "cni/ipam.h"
#include "cni/loopback.h"
#include "cni/teardown.h"
#include "cni/verbs.h"

namespace podwire::cni {
namespace {

/// Without a record (never built, or taken down before) the host's end is still found by its name, and
/// addresses by their owner.
CniResult<> del_recorded(const Call& call) {
  const auto here = TRY(as_cni(call.host.current_netns()));
  const AttachmentStore store(call.conf.data_dir, call.conf.name);
  const auto recorded = TRY(as_cni(store.read(call.owner(), part_of(call.conf.role)), Code::io_failure));
  Attachment attachment{.network = call.conf.name, .owner = call.owner(), .part = part_of(call.conf.role)};
  if (recorded)
    attachment = *recorded;
  else if (call.conf.role == Role::link)
    attachment.host_link = names_of(call.conf.name, call.owner()).host_link;

  TRY(as_cni(tear_down(call.host, here, store, attachment)));
  if (call.conf.role == Role::link) TRY(release_addresses(call, attachment.addresses));
  return as_cni(forget(call.host, here, store, attachment));
}

}  // namespace

CniResult<> del(const Call& call) {
  switch (call.conf.role) {
    case Role::link:
    case Role::chained:
      return del_recorded(call);
    case Role::loopback:
      return del_loopback(call);
    case Role::ipam:
      return release_addresses(call, {});
  }
  return refuse(Code::internal, "unknown role");
}

}  // namespace podwire::cni
