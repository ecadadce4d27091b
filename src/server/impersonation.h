#pragma once
#include "http/server.h"
#include "server/auth/authorizer.h"

namespace podwire::server {

/// Who a request is to be seen as (`kubectl --as`): the headers Impersonate-User, -Group, -Uid and -Extra-*,
/// each of which the user must have the right to "impersonate". Without them, the user himself.
[[nodiscard]] kube::Answer<User> impersonated(const Authorizer& authorizer, User user,
                                              const http::Request& r);

}  // namespace podwire::server
