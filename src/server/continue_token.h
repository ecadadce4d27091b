#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "kube/status.h"

namespace podwire::server {

/// Where the next page of a list begins: after (ns, name), as of `revision`. Opaque to clients, who hand it
/// back; it holds nothing that they may not see, so it is not signed.
struct ContinueToken {
  std::uint64_t revision = 0;
  std::string ns, name;

  friend bool operator==(const ContinueToken&, const ContinueToken&) = default;
};

[[nodiscard]] std::string encode(const ContinueToken& token);
/// 400 for a text that encode() did not make.
[[nodiscard]] kube::Answer<ContinueToken> decode_continue(std::string_view text);

}  // namespace podwire::server
