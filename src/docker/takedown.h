#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "docker/container.h"
#include "docker/container_store.h"
#include "docker/site.h"

namespace podwire::docker {

/// Takes a container off its network: podwire-cni DEL, the pin of its namespace, its name in the others'
/// hosts files. Goes on past errors; when all went well the record says so (`attachment.up` false). The
/// caller holds the site's lock.
Result<> disconnect(const Site& site, Container& container);

/// Writes the hosts file of every container on a network anew. The caller holds the site's lock.
Result<> rewrite_hosts(const Site& site, const std::string& network);

/// Settles what was killed: a container whose keeper is gone and whose process is too becomes `exited`
/// without an exit code and is taken off its network, or is removed if that was wanted; one that never came
/// to run is removed. After a reboot that is every container. The caller holds the site's lock. What cannot
/// be settled now is logged and left for the next time.
Result<> settle(const Site& site);

/// Removes a container: force kills it first. Also one whose record cannot be read (by its whole id, with
/// force). Takes the site's lock itself. Error: EBUSY when it runs and force is false.
Result<> remove_container(const Site& site, const std::string& reference, bool force);

/// Removes a container that never came to run, whoever its keeper is. Success when gone. Takes the site's
/// lock itself.
Result<> discard_container(const Site& site, const std::string& id);

/// Asks its process to end (SIGTERM), kills it after `grace_seconds`. Success when it has ended already.
Result<> stop_container(const Site& site, const std::string& reference, int grace_seconds);

/// The pid of a container's first process; 0 when it has none.
[[nodiscard]] int pid_of(const Site& site, const Container& container);

}  // namespace podwire::docker
