#include "server/auth/account_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "kube/json.h"
#include "pki/key.h"
#include "server/auth/jwt.h"

namespace podwire::server {
namespace {

using kube::text_in;

std::unexpected<Error> no_token(std::string_view why) { return fail("read", "token", 0, why); }

std::int64_t seconds(std::chrono::sys_seconds time) { return time.time_since_epoch().count(); }

/// NumericDate; whole seconds are what is written here. Far enough from the ends that sums do not overflow.
Result<std::chrono::sys_seconds> time_in(const json::object& claims, std::string_view name) {
  constexpr std::int64_t kFar = 1LL << 40;
  const auto* value = claims.if_contains(name);
  const auto* number = value != nullptr ? value->if_int64() : nullptr;
  if (number == nullptr || *number < 0 || *number > kFar)
    return no_token(fmt::format("it does not say {}", name));
  return std::chrono::sys_seconds(std::chrono::seconds(*number));
}

json::object to_json(const AccountClaims::Reference& r) { return {{"name", r.name}, {"uid", r.uid}}; }

std::optional<AccountClaims::Reference> reference_in(const json::object& private_claims,
                                                     std::string_view what) {
  const auto* found = kube::object_in(private_claims, what);
  if (found == nullptr) return std::nullopt;
  return AccountClaims::Reference{std::string(text_in(*found, "name")), std::string(text_in(*found, "uid"))};
}

std::vector<std::string> audiences_in(const json::object& claims) {
  if (const auto one = text_in(claims, "aud"); !one.empty()) return {std::string(one)};
  std::vector<std::string> out;
  if (const auto* list = kube::array_in(claims, "aud"))
    for (const auto& item : *list)
      if (const auto* text = item.if_string()) out.emplace_back(*text);
  return out;
}

std::string subject(const AccountClaims& c) {
  return fmt::format("system:serviceaccount:{}:{}", c.ns, c.account.name);
}

}  // namespace

json::object to_json(const AccountClaims& c) {
  json::object private_claims{{"namespace", c.ns}, {"serviceaccount", to_json(c.account)}};
  if (c.pod) private_claims["pod"] = to_json(*c.pod);
  if (c.secret) private_claims["secret"] = to_json(*c.secret);
  if (c.node) private_claims["node"] = to_json(*c.node);
  return {{"iss", kIssuer},
          {"sub", subject(c)},
          {"aud", json::array(c.audiences.begin(), c.audiences.end())},
          {"iat", seconds(c.issued)},
          {"nbf", seconds(c.not_before)},
          {"exp", seconds(c.expires)},
          {"jti", c.id},
          {"kubernetes.io", std::move(private_claims)}};
}

Result<AccountClaims> account_claims(const json::object& claims) {
  if (text_in(claims, "iss") != kIssuer) return no_token("it is of another issuer");
  const auto* kubernetes = kube::object_in(claims, "kubernetes.io");
  if (kubernetes == nullptr) return no_token("it does not say whose it is");
  AccountClaims out;
  out.ns = text_in(*kubernetes, "namespace");
  out.account = reference_in(*kubernetes, "serviceaccount").value_or(AccountClaims::Reference());
  if (out.ns.empty() || out.account.name.empty() || out.account.uid.empty() ||
      text_in(claims, "sub") != subject(out))
    return no_token("it does not say whose it is");
  out.pod = reference_in(*kubernetes, "pod");
  out.secret = reference_in(*kubernetes, "secret");
  out.node = reference_in(*kubernetes, "node");
  out.audiences = audiences_in(claims);
  out.issued = TRY(time_in(claims, "iat"));
  out.not_before = TRY(time_in(claims, "nbf"));
  out.expires = TRY(time_in(claims, "exp"));
  out.id = text_in(claims, "jti");
  return out;
}

Result<AccountTokens> AccountTokens::of_key(pki::PrivateKey key) {
  auto id = TRY(pki::key_id(key.get()));
  TRY(pki::sign_es256(key.get(), ""));  // a key of another kind is found out now
  return AccountTokens(std::move(key), std::move(id));
}

Result<AccountTokens> AccountTokens::open(const std::string& dir) {
  const auto path = dir + "/service-account.key";
  if (!file_exists(path)) {
    const auto key = TRY(pki::make_key());
    TRY(write_file_atomic(path, TRY(pki::pem_of(key.get())), 0600));
  }
  const auto text = TRY(read_file(path));
  auto key = pki::key_from_pem(text);
  if (!key) return std::unexpected(std::move(key.error()).in(path));
  auto out = of_key(std::move(*key));
  if (!out) return std::unexpected(std::move(out.error()).in(path));
  return out;
}

Result<std::string> AccountTokens::issue(const AccountClaims& claims) const {
  return sign_jwt(to_json(claims), key_.get(), key_id_);
}

Result<AccountClaims> AccountTokens::read(std::string_view token, const std::vector<std::string>& audiences,
                                          std::chrono::sys_seconds now) const {
  const auto claims = TRY(verify_jwt(token, key_.get()));
  auto out = TRY(account_claims(claims));
  if (now >= out.expires) return no_token("it has expired");
  if (now < out.not_before) return no_token("it is not valid yet");
  if (std::ranges::find_first_of(out.audiences, audiences) == out.audiences.end())
    return no_token("it is for another audience");
  return out;
}

}  // namespace podwire::server
