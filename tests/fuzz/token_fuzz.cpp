// What strangers may show before they are known: the first byte says as what the rest is read: a
// ServiceAccount's token, an Authorization header, a join token, a signing request, a token file.
#include <boost/json/parse.hpp>
#include <cstdlib>

#include "pki/join_token.h"
#include "pki/key.h"
#include "pki/signing_request.h"
#include "server/auth/authenticator.h"
#include "server/auth/jwt.h"

using namespace podwire;
using namespace podwire::server;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'763'899'200)};

const AccountTokens& tokens() {
  static const auto kTokens = *AccountTokens::of_key(*pki::make_key());
  return kTokens;
}

/// Nobody guesses a signature: whatever is shown, nothing of it is believed.
void check_token(std::string_view text) {
  const auto read = tokens().read(text, {std::string(kIssuer)}, kNow);
  must(!read && !read.error().message().empty());
}

void check_header(std::string_view text) {
  static const Authenticator kAuthenticator(
      *TokenFile::parse("0123456789abcdef0123456789abcdef,alice"),
      AccountAuthenticator(
          tokens(), [](auto, auto, auto) { return std::optional<boost::json::object>(); },
          [] { return kNow; }));
  const auto user = kAuthenticator.authenticate(nullptr, text);
  must(user ? user->name == "alice" : user.error().code == 401);
}

/// Claims that can be read are written as they were.
void check_claims(std::string_view text) {
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  if (error || !value.is_object()) return;
  const auto claims = account_claims(value.get_object());
  if (!claims) return;
  must(*account_claims(to_json(*claims)) == *claims);
  const auto token = *tokens().issue(*claims);
  const auto read = tokens().read(token, claims->audiences, claims->not_before);
  must(read ? *read == *claims
            : token.size() > kLargestToken || claims->audiences.empty() ||
                  claims->expires <= claims->not_before);
}

void check_join_token(std::string_view text) {
  const auto token = pki::JoinToken::parse(text);
  if (token) must(*pki::JoinToken::parse(token->str()) == *token);
}

void check_signing_request(std::string_view text) {
  const auto request = pki::signing_request_from_pem(text);
  if (!request) return;
  const auto subject = pki::subject_of(request->get());
  must(pki::public_key_of(request->get()).has_value() || !subject.common_name.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'j':
      check_token(text);
      break;
    case 'a':
      check_header(text);
      break;
    case 'c':
      check_claims(text);
      break;
    case 'k':
      check_join_token(text);
      break;
    case 'r':
      check_signing_request(text);
      break;
    case 'f':
      static_cast<void>(TokenFile::parse(text));
      break;
    default:
      break;
  }
  return 0;
}
