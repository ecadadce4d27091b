#include "server/auth/jwt.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/base64.h"
#include "kube/json.h"
#include "pki/key.h"

namespace podwire::server {
namespace {

constexpr std::string_view kAlgorithm = "ES256";

std::unexpected<Error> no_token(std::string_view why) { return fail("read", "token", 0, why); }

Result<json::object> object_of(std::string_view part, std::string_view what) {
  const auto text = base64url_decode(part);
  if (!text) return no_token(fmt::format("its {} is not base64url", what));
  boost::system::error_code error;
  auto value = json::parse(*text, error);
  if (error || !value.is_object()) return no_token(fmt::format("its {} is no JSON object", what));
  return std::move(value.get_object());
}

}  // namespace

Result<std::string> sign_jwt(const json::object& claims, EVP_PKEY* key, std::string_view key_id) {
  const json::object header{{"alg", kAlgorithm}, {"kid", key_id}};
  const auto text = fmt::format("{}.{}", base64url_encode(json::serialize(header)),
                                base64url_encode(json::serialize(claims)));
  const auto signature = TRY(pki::sign_es256(key, text));
  return fmt::format("{}.{}", text, base64url_encode(signature));
}

Result<json::object> verify_jwt(std::string_view token, EVP_PKEY* key) {
  if (token.size() > kLargestToken) return no_token("it is too large");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return no_token("it does not have three parts");
  const auto header = TRY(object_of(token.substr(0, first), "header"));
  if (kube::text_in(header, "alg") != kAlgorithm) return no_token("its algorithm is not ES256");
  if (header.contains("crit")) return no_token("it has extensions that are not known here");
  const auto signature = base64url_decode(token.substr(second + 1));
  if (!signature || !pki::verifies_es256(key, token.substr(0, second), *signature))
    return no_token("its signature is not by this server");
  return object_of(token.substr(first + 1, second - first - 1), "payload");
}

}  // namespace podwire::server
