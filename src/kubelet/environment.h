#pragma once
#include "kubelet/sources.h"

namespace podwire::kubelet {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// What every Service of the pod's namespace, and `kubernetes` in default, gives a container:
/// WEB_SERVICE_HOST, WEB_SERVICE_PORT, WEB_PORT_80_TCP... Pure.
[[nodiscard]] Variables service_variables(const Pod& pod, const Sources& sources);

/// The environment of a container: Services, then envFrom, then env, in which $(NAME) means what came before.
/// Later values of a name take the place of earlier ones. Pure. Errors are sentences for the pod's status.
Result<Variables> environment_of(const Pod& pod, const ContainerSpec& spec, const Sources& sources);

}  // namespace podwire::kubelet
