#pragma once
#include <span>
#include <string>

#include "plan/service_view.h"

namespace podwire::cli {

/// The chains that kube-proxy's iptables mode would have for these, as `iptables -t nat -S` prints them: the
/// same names, comments and probabilities, then those of table filter for what nobody answers. A view, for
/// who knows those: none of it is in the kernel. `pods`: the cluster CIDRs; as kube-proxy has it, one of each
/// family. loadBalancerSourceRanges are not in it. Pure.
[[nodiscard]] std::string iptables_view(std::span<const plan::SeenPort> ports, std::span<const Cidr> pods,
                                        Family family);

/// "KUBE-SVC-XM7DIBVJQPJ3TSDT": for port `name` ("default/hello-kubernetes", or with ":http") and a protocol
/// in lower case.
[[nodiscard]] std::string service_chain(std::string_view name, std::string_view protocol);
/// "KUBE-SEP-...", for one endpoint "10.244.1.2:8080".
[[nodiscard]] std::string endpoint_chain(std::string_view name, std::string_view protocol,
                                         std::string_view endpoint);

}  // namespace podwire::cli
