#pragma once
#include "cni/error.h"
#include "cni/invocation.h"
#include "cni/ipam_store.h"
#include "cni/netconf.h"
#include "kernel/host.h"

namespace podwire::cni {

/// One call of the plugin: who calls (environment), with what (stdin), and the kernel it acts on.
struct Call {
  kernel::Host& host;
  const Invocation& invocation;
  const NetConf& conf;
  [[nodiscard]] Owner owner() const { return {invocation.container_id, invocation.ifname}; }
};

/// ADD: all or nothing. Each step is in the attachment's record before it is done, so that a failure, or a
/// DEL after a kill at any moment, undoes exactly what was done.
CniResult<AddResult> add(const Call& call);
/// DEL: goes on past what is missing; an error only for what a retry can mend.
CniResult<> del(const Call& call);
/// CHECK: is everything that ADD made still there? Code 102 names the first thing that is not.
CniResult<> check(const Call& call);
/// GC: undoes every attachment of this network that the runtime does not call valid; goes on past errors.
/// Without the list it does nothing; an empty list means that none is valid.
CniResult<> gc(const Call& call);
/// STATUS: would an ADD work? 50 with the pool's numbers when no address is left.
CniResult<> status(const Call& call);

}  // namespace podwire::cni
