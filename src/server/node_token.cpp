#include "base/file.h"
#include "pki/digest.h"
#include "server/node_join.h"

namespace podwire::server {
namespace {

constexpr std::size_t kSecretBytes = 32;

Result<std::string> secret_of(std::string_view wanted, std::string_view ca_pem) {
  if (!wanted.starts_with("K10")) {
    TRY(pki::check_secret(wanted));
    return std::string(wanted);
  }
  auto token = TRY(pki::JoinToken::parse(wanted));
  if (!token.is_of(ca_pem))
    return fail("use", "--token", 0,
                "it is of a cluster with another CA; give its secret alone, or another one");
  if (token.user != pki::kNodeUser)
    return fail("use", "--token", 0, "it is not for nodes: it must end in ::node:SECRET");
  return std::move(token.secret);
}

}  // namespace

Result<pki::JoinToken> open_node_token(const std::string& data_dir, std::string_view ca_pem,
                                       std::string_view wanted) {
  const auto path = data_dir + "/node-token";
  const bool there = file_exists(path);
  const auto old = there ? TRY(read_file(path)) : std::string();
  std::string secret;
  if (!wanted.empty()) {
    secret = TRY(secret_of(wanted, ca_pem));
  } else if (there) {
    auto token = pki::JoinToken::parse(old);
    if (!token) return std::unexpected(std::move(token.error()).in(path));
    secret = std::move(token->secret);
  } else {
    secret = TRY(pki::random_secret(kSecretBytes));
  }
  auto out = pki::node_token(ca_pem, secret);
  if (const auto text = out.str() + "\n"; text != old) TRY(write_file_atomic(path, text, 0600));
  return out;
}

}  // namespace podwire::server
