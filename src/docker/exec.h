#pragma once
#include <string>
#include <vector>

#include "docker/site.h"
#include "oci/runc.h"

namespace podwire::docker {

struct ExecRequest {
  std::vector<std::string> command, env;
  std::string workdir, user;
  bool terminal = false, interactive = false;
};

/// Runs one more command in a running container on our own streams; its exit status.
oci::StartResult<int> exec_in_container(const Site& site, const std::string& reference,
                                        const ExecRequest& request);

}  // namespace podwire::docker
