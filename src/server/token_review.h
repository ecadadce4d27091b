#pragma once
#include <boost/json/object.hpp>

#include "server/access.h"

namespace podwire::server {

/// The status of a TokenReview: whose the token is, for which of the audiences asked for (by default the
/// API's), or why it is nobody's. 400 for a review without a token.
[[nodiscard]] kube::Answer<json::object> review_token(const Access& access, const json::object& spec);

/// authentication.k8s.io/v1 UserInfo.
[[nodiscard]] json::object user_info(const User& user);

}  // namespace podwire::server
