#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace podwire::pki {

/// What lets a machine join a cluster, in k3s' shape: "K10" + SHA-256 of the cluster's CA certificate (PEM,
/// as GET /cacerts sends it) in hexadecimal + "::" + user + ":" + secret. The hash tells the cluster's server
/// from any other before anything secret is sent to it.
struct JoinToken {
  std::string ca_hash;  ///< 64 digits
  std::string user;     ///< "node"
  std::string secret;

  /// Errors never show the secret.
  static Result<JoinToken> parse(std::string_view text);
  [[nodiscard]] std::string str() const;
  /// Whether this is the CA of the cluster that gave the token.
  [[nodiscard]] bool is_of(std::string_view ca_pem) const;

  friend bool operator==(const JoinToken&, const JoinToken&) = default;
};

inline constexpr std::string_view kNodeUser = "node";
/// Of a secret, in bytes. Short ones can be guessed.
inline constexpr std::size_t kShortestSecret = 16, kLongestSecret = 512;

/// A secret is printable ASCII without spaces, and neither short nor long.
Result<> check_secret(std::string_view secret);

/// For nodes of the cluster with this CA.
[[nodiscard]] JoinToken node_token(std::string_view ca_pem, std::string_view secret);

}  // namespace podwire::pki
