#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace podwire::oci {

struct User {
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;  ///< supplementary, from the group file
  std::string home;                   ///< "" when the user is not in the password file
  friend bool operator==(const User&, const User&) = default;
};

/// "", "user", "uid", "user:group", "uid:gid" as image configs and `--user` write it, looked up in the text
/// of the container's own /etc/passwd and /etc/group. A number needs no entry; a name that has none is an
/// error.
Result<User> find_user(std::string_view wanted, std::string_view passwd, std::string_view group);

/// The same with the files of a root file system, whose links cannot lead out of it. Missing files are empty
/// ones.
Result<User> find_user_in(const std::string& rootfs, std::string_view wanted);

}  // namespace podwire::oci
