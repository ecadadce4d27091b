#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "pki/openssl.h"

namespace podwire::server {

namespace json = boost::json;

/// Larger tokens are not looked at.
inline constexpr std::size_t kLargestToken = 16 << 10;

/// A JSON Web Token (RFC 7519) in compact form, signed by ES256 and by nothing else.
Result<std::string> sign_jwt(const json::object& claims, EVP_PKEY* key, std::string_view key_id);

/// The claims of a token that this key has signed. The algorithm is this side's choice and not the token's:
/// a header that names another one ("none", "HS256"), or extensions that must be understood ("crit"), is
/// refused. Claims are read only once the signature is good. Errors do not show the token.
Result<json::object> verify_jwt(std::string_view token, EVP_PKEY* key);

}  // namespace podwire::server
