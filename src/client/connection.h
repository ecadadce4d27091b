#pragma once
#include <string>

#include "base/result.h"
#include "http/tls_client.h"

namespace podwire::client {

/// How to reach an API server, and as whom. Value type.
struct Connection {
  std::string url;               ///< "https://192.0.2.1:6443"
  std::string ca;                ///< PEM; "": the system's
  std::string certificate, key;  ///< PEM
  std::string token;
  std::string token_file;  ///< in place of `token`: read for each request, for it is replaced now and then
  std::string server_name;
  bool verify = true;
  std::string namespace_;  ///< where its user works
};

/// For http::TlsClient::make().
[[nodiscard]] http::TlsClient::Options tls_options(const Connection& connection);

/// A token as it stands in a file, without the spaces around it. Errors: no file, no token, or none that a
/// header could carry.
[[nodiscard]] Result<std::string> read_token(const std::string& path);

}  // namespace podwire::client
