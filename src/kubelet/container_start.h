#pragma once
#include "kubelet/images.h"
#include "kubelet/pod_plan.h"
#include "kubelet/record.h"
#include "oci/bundle.h"
#include "oci/runc.h"

namespace podwire::kubelet {

/// All that is known of a container that is about to be started.
struct StartRequest {
  const Pod& pod;
  const ContainerSpec& spec;
  StartContainer action;
  const SandboxRecord& sandbox;
  FoundImage image;
  std::vector<std::string> env;  ///< "NAME=value", in order; besides the image's
  std::vector<std::pair<std::string, std::string>> variables;  ///< what $(NAME) in command and args means
  std::vector<oci::BindMount> mounts;
  std::string host_name;
};

/// The process that a spec and an image make together. Errors are sentences for the pod's status. Reads the
/// image's user files.
Result<oci::Process> process_of(const StartRequest& request);

/// Writes the record and the bundle, and starts the shim, which outlives us. Blocking. StartError::exit_code
/// as the engine's.
oci::StartResult<void> start_container(const Places& places, const StartRequest& request);

/// "$(NAME)" becomes the variable's value, "$$(NAME)" is "$(NAME)", and what is not known stays. Pure.
[[nodiscard]] std::string expand(std::string_view text,
                                 const std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace podwire::kubelet
