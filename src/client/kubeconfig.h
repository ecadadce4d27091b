#pragma once
#include <string>
#include <string_view>

#include "client/connection.h"

namespace podwire::client {

/// What a kubeconfig file says of one of its contexts ("": its current one). Paths in it are relative to the
/// file. Errors name the file and the field. Programs that fetch credentials (exec, auth-provider) are not
/// run: a node's agent has a certificate or a token.
[[nodiscard]] Result<Connection> read_kubeconfig(const std::string& path, std::string_view context = "");

/// The same of a text; `path` is for errors and relative paths.
[[nodiscard]] Result<Connection> parse_kubeconfig(std::string_view text, const std::string& path,
                                                  std::string_view context = "");

}  // namespace podwire::client
