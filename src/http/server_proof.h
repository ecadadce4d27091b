#pragma once
#include <openssl/ssl.h>

#include <boost/asio/ssl/verify_context.hpp>
#include <string>

#include "base/result.h"

namespace podwire::http {

/// Checks a server's certificate during its handshake, and remembers what was wrong with it.
class ServerProof {
 public:
  /// `name`: what the certificate must be for, a DNS name or an address.
  explicit ServerProof(std::string name) : name_(std::move(name)) {}

  /// Before the handshake.
  Result<> demand(SSL* ssl) const;
  /// OpenSSL's verdict on one certificate of the chain. Returns it.
  bool note(bool good, boost::asio::ssl::verify_context& context);
  /// A sentence; empty where nothing was wrong.
  [[nodiscard]] const std::string& objection() const { return objection_; }

 private:
  const std::string name_;
  std::string objection_;
};

}  // namespace podwire::http
