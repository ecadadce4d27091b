#pragma once
#include <boost/json/object.hpp>

#include "server/access.h"

namespace podwire::server {

/// POST of a TokenRequest (authentication.k8s.io/v1) to a ServiceAccount: the request with its status, which
/// holds the token. A token that is bound to a Pod, Secret or Node ends with it, too. Refusals are
/// kube-apiserver's. `request` has been checked against the schema.
[[nodiscard]] kube::Answer<json::object> answer_token_request(const Access& access, const World& world,
                                                              const Place& account, json::object request);

}  // namespace podwire::server
