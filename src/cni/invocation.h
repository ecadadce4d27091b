#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "cni/error.h"

namespace podwire::cni {

enum class Command { add, del, check, gc, status, version };
[[nodiscard]] std::string_view name_of(Command command);

/// What the runtime says by environment variables (CNI spec 1.1.0, "Parameters").
struct Invocation {
  Command command = Command::version;
  std::string container_id;
  std::string netns;  ///< a path; may be empty for DEL
  std::string ifname;
  std::vector<std::string> path;            ///< CNI_PATH, split
  std::map<std::string, std::string> args;  ///< CNI_ARGS: K=V;K=V. Unknown keys need IgnoreUnknown=1
};

/// Reads CNI_COMMAND and what that command needs. Errors are code 4 and name every variable that is missing
/// or bad: container ids match ^[a-zA-Z0-9][a-zA-Z0-9_.\-]*$, interface names are 1-15 characters, not "." or
/// "..", without '/', ':' or white space. CNI_PATH is only needed by who delegates. `get` is getenv, or a
/// test's.
CniResult<Invocation> parse_invocation(const std::function<const char*(const char*)>& get);

[[nodiscard]] bool valid_container_id(std::string_view id);
[[nodiscard]] bool valid_ifname(std::string_view name);

}  // namespace podwire::cni
