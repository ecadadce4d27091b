#include "server/impersonation.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/rules/names.h"
#include "server/auth/account_authenticator.h"

namespace podwire::server {
namespace {

constexpr std::string_view kAccount = "system:serviceaccount:", kExtra = "impersonate-extra-";
constexpr std::string_view kAuthentication = "authentication.k8s.io";

/// NS and NAME of system:serviceaccount:NS:NAME.
std::optional<std::pair<std::string_view, std::string_view>> account_in(std::string_view user) {
  if (!user.starts_with(kAccount)) return std::nullopt;
  user.remove_prefix(kAccount.size());
  const auto colon = user.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::pair out{user.substr(0, colon), user.substr(colon + 1)};
  const bool named = kube::dns1123_label(out.first).empty() && kube::dns1123_subdomain(out.second).empty();
  return named ? std::optional(out) : std::nullopt;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return out;
}

class Request {
 public:
  Request(const Authorizer& authorizer, const User& user) : authorizer_(authorizer), user_(user) {}

  [[nodiscard]] kube::Answer<> may_be(std::string_view group, std::string_view resource, std::string_view ns,
                                      std::string_view name, std::string_view subresource = {}) const {
    const Attributes wanted{.user = user_,
                            .verb = "impersonate",
                            .group = group,
                            .resource = resource,
                            .subresource = subresource,
                            .ns = ns,
                            .name = name,
                            .path = {}};
    const auto decision = authorizer_.decide(wanted);
    if (decision.allowed) return {};
    return kube::forbidden({std::string(group), std::string(resource)}, name,
                           denial(wanted, decision.reason));
  }

 private:
  const Authorizer& authorizer_;
  const User& user_;
};

}  // namespace

kube::Answer<User> impersonated(const Authorizer& authorizer, User user, const http::Request& r) {
  User out{.name = std::string(r.header("Impersonate-User")),
           .uid = std::string(r.header("Impersonate-Uid")),
           .groups = {},
           .extra = {}};
  for (const auto& [header, value] : r.headers) {
    const auto name = lower(header);
    if (name == "impersonate-group") out.groups.push_back(value);
    if (name.starts_with(kExtra)) out.extra[name.substr(kExtra.size())].push_back(value);
  }
  if (out.name.empty()) {
    if (out.groups.empty() && out.uid.empty() && out.extra.empty()) return user;
    return kube::bad_request("requested groups, a uid or extra information to impersonate without a user");
  }
  const Request asking(authorizer, user);
  const auto account = account_in(out.name);
  if (account)
    TRY(asking.may_be("", "serviceaccounts", account->first, account->second));
  else
    TRY(asking.may_be("", "users", "", out.name));
  for (const auto& group : out.groups) TRY(asking.may_be("", "groups", "", group));
  if (!out.uid.empty()) TRY(asking.may_be(kAuthentication, "uids", "", out.uid));
  for (const auto& [key, values] : out.extra)
    for (const auto& value : values) TRY(asking.may_be(kAuthentication, "userextras", "", value, key));
  if (account && out.groups.empty())
    out.groups = account_user(account->first, account->second, "").groups;
  else if (std::ranges::find(out.groups, "system:authenticated") == out.groups.end())
    out.groups.emplace_back("system:authenticated");
  return out;
}

}  // namespace podwire::server
