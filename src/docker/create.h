#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "docker/container.h"
#include "docker/site.h"

namespace podwire::docker {

/// What `container run` is asked for, as given.
struct RunRequest {
  std::string image;
  std::vector<std::string> command;  ///< empty: the image's
  std::optional<std::string> entrypoint;
  std::string name, hostname, network = "docker0", workdir, user, ip, mac;
  std::vector<std::string> publish, env, volumes, aliases, capabilities, dns, labels;
  bool detached = false, terminal = false, interactive = false, remove_at_end = false, privileged = false;
};

/// Makes everything that a container needs, up to a bundle that runc could start: the record first (so that a
/// kill at any moment leaves something that settle() takes down), its network namespace, podwire-cni ADD, the
/// files mounted into it. The calling process is its keeper until another one takes over. On failure nothing
/// is left.
Result<Container> create_container(const Site& site, const RunRequest& request);

}  // namespace podwire::docker
