#include "pki/join_token.h"

#include <fmt/format.h>

#include <algorithm>

#include "pki/digest.h"

namespace podwire::pki {
namespace {

constexpr std::string_view kPrefix = "K10", kSeparator = "::";
constexpr std::size_t kHashDigits = 64;

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::unexpected<Error> no_token(std::string_view why) { return fail("read", "join token", 0, why); }

}  // namespace

Result<> check_secret(std::string_view secret) {
  if (secret.size() < kShortestSecret || secret.size() > kLongestSecret)
    return no_token(fmt::format("its secret must have {} to {} characters", kShortestSecret, kLongestSecret));
  if (!std::ranges::all_of(secret, [](char c) { return c > ' ' && c < '\x7f'; }))
    return no_token("its secret must be of printable ASCII characters, without spaces");
  return {};
}

Result<JoinToken> JoinToken::parse(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (!text.starts_with(kPrefix))
    return no_token("it does not begin with K10; copy the whole node-token file");
  text.remove_prefix(kPrefix.size());
  const auto hash = text.substr(0, kHashDigits);
  if (!is_hash(hash)) return no_token("K10 is not followed by 64 hexadecimal digits, the hash of a CA");
  text.remove_prefix(kHashDigits);
  if (!text.starts_with(kSeparator)) return no_token("the hash of the CA is not followed by \"::\"");
  text.remove_prefix(kSeparator.size());
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0)
    return no_token("it does not end in user:secret, as in ::node:SECRET");
  JoinToken out{std::string(hash), std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
  if (!std::ranges::all_of(out.user, [](char c) { return c > ' ' && c < '\x7f'; }))
    return no_token("its user must be of printable ASCII characters, without spaces");
  TRY(check_secret(out.secret));
  return out;
}

std::string JoinToken::str() const {
  return fmt::format("{}{}{}{}:{}", kPrefix, ca_hash, kSeparator, user, secret);
}

bool JoinToken::is_of(std::string_view ca_pem) const { return same_secret(ca_hash, hex(sha256(ca_pem))); }

JoinToken node_token(std::string_view ca_pem, std::string_view secret) {
  return {hex(sha256(ca_pem)), std::string(kNodeUser), std::string(secret)};
}

}  // namespace podwire::pki
