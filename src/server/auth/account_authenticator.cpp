#include "server/auth/account_authenticator.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/json.h"
#include "kube/types/time.h"

namespace podwire::server {
namespace {

using namespace std::chrono_literals;
using kube::text_in;

constexpr auto kAfterDeletion = 60s;

std::unexpected<Error> gone(std::string_view what, const AccountClaims::Reference& r) {
  return fail("read", "token", 0, fmt::format("the {} {} that it is of is not there any more", what, r.name));
}

}  // namespace

bool is_alive(const std::optional<json::object>& object, std::string_view uid, std::chrono::sys_seconds now) {
  if (!object || text_in(*object, "metadata", "uid") != uid) return false;
  const auto deleted = text_in(*object, "metadata", "deletionTimestamp");
  if (deleted.empty()) return true;
  const auto time = kube::time_from(deleted);
  return time && now < *time + kAfterDeletion;
}

User account_user(std::string_view ns, std::string_view name, std::string_view uid) {
  return {.name = fmt::format("system:serviceaccount:{}:{}", ns, name),
          .uid = std::string(uid),
          .groups = {"system:serviceaccounts", fmt::format("system:serviceaccounts:{}", ns),
                     "system:authenticated"},
          .extra = {}};
}

Result<> AccountAuthenticator::check_objects(const AccountClaims& c) const {
  const auto now = now_();
  if (!is_alive(look_up_("serviceaccounts", c.ns, c.account.name), c.account.uid, now))
    return gone("ServiceAccount", c.account);
  if (c.pod && !is_alive(look_up_("pods", c.ns, c.pod->name), c.pod->uid, now)) return gone("Pod", *c.pod);
  if (c.secret && !is_alive(look_up_("secrets", c.ns, c.secret->name), c.secret->uid, now))
    return gone("Secret", *c.secret);
  // A pod's node is only told; what the token is bound to is the pod.
  if (c.node && !c.pod && !is_alive(look_up_("nodes", "", c.node->name), c.node->uid, now))
    return gone("Node", *c.node);
  return {};
}

Result<AccountAuthenticator::Identity> AccountAuthenticator::identify(
    std::string_view token, const std::vector<std::string>& audiences) const {
  auto claims = TRY(tokens_.read(token, audiences, now_()));
  TRY(check_objects(claims));
  Identity out{.user = account_user(claims.ns, claims.account.name, claims.account.uid)};
  const auto put = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out.user.extra[fmt::format("authentication.kubernetes.io/{}", key)] = {value};
  };
  if (!claims.id.empty()) put("credential-id", "JTI=" + claims.id);
  if (claims.pod) {
    put("pod-name", claims.pod->name);
    put("pod-uid", claims.pod->uid);
  }
  if (claims.node) {
    put("node-name", claims.node->name);
    put("node-uid", claims.node->uid);
  }
  std::ranges::copy_if(audiences, std::back_inserter(out.audiences), [&](const auto& one) {
    return std::ranges::find(claims.audiences, one) != claims.audiences.end();
  });
  return out;
}

}  // namespace podwire::server
