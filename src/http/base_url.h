#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace podwire::http {

/// Where a server is: "https://[2001:db8::1]:6443/prefix".
struct BaseUrl {
  bool tls = true;
  std::string host;  ///< a name, or an address without brackets
  std::uint16_t port = 443;
  std::string prefix;  ///< of every target: empty, or "/..." without a "/" at its end

  /// "host:port", as error messages and the Host header show it.
  [[nodiscard]] std::string authority() const;
};

/// Errors: neither https nor http, no host, a port that is none; user names, queries and fragments.
[[nodiscard]] Result<BaseUrl> parse_base_url(std::string_view text);

}  // namespace podwire::http
