#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kube/status.h"
#include "pki/certificate.h"
#include "server/auth/account_authenticator.h"
#include "server/auth/user.h"

namespace podwire::server {

/// Bearer tokens that an administrator wrote down, in kube-apiserver's form: a line
/// `token,user,uid,"group1,group2"` each; uid and groups may be left out, '#' begins a comment line.
class TokenFile {
 public:
  /// Errors name the line.
  static Result<TokenFile> parse(std::string_view text);
  /// nullptr: nobody's. Takes the same time for every token of the same length.
  [[nodiscard]] const User* find(std::string_view token) const;
  [[nodiscard]] std::size_t size() const { return users_.size(); }

 private:
  std::vector<std::pair<std::string, User>> users_;
};

/// Tells who sends a request, by the client certificate (CN is the name, each O a group) or by a bearer
/// token: an administrator's (TokenFile) or a ServiceAccount's.
class Authenticator {
 public:
  explicit Authenticator(TokenFile tokens, std::optional<AccountAuthenticator> accounts = std::nullopt)
      : tokens_(std::move(tokens)), accounts_(std::move(accounts)) {}

  /// `subject` nullptr: no certificate. 401 for a token that is nobody's, and for nothing at all: there are
  /// no anonymous users. Everybody who is known is in the group system:authenticated.
  [[nodiscard]] kube::Answer<User> authenticate(const pki::Subject* subject,
                                                std::string_view authorization) const;

  /// Whose token it is, for those audiences; tokens of the file are for the API's.
  [[nodiscard]] Result<AccountAuthenticator::Identity> identify(
      std::string_view token, const std::vector<std::string>& audiences) const;

 private:
  TokenFile tokens_;
  std::optional<AccountAuthenticator> accounts_;
};

}  // namespace podwire::server
