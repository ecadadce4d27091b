#include "oci/user.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/file.h"
#include "oci/tree.h"

namespace podwire::oci {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(separator, at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// passwd(5): name:password:uid:gid:comment:home:shell
struct PasswdLine {
  std::string_view name, home;
  std::uint32_t uid = 0, gid = 0;
};
std::optional<PasswdLine> passwd_line(std::string_view line) {
  const auto f = split(line, ':');
  if (f.size() < 6 || f[0].empty()) return std::nullopt;
  const auto uid = number(f[2]);
  const auto gid = number(f[3]);
  if (!uid || !gid) return std::nullopt;
  return PasswdLine{f[0], f[5], *uid, *gid};
}

/// group(5): name:password:gid:member,member
struct GroupLine {
  std::string_view name, members;
  std::uint32_t gid = 0;
};
std::optional<GroupLine> group_line(std::string_view line) {
  const auto f = split(line, ':');
  if (f.size() < 4 || f[0].empty()) return std::nullopt;
  const auto gid = number(f[2]);
  if (!gid) return std::nullopt;
  return GroupLine{f[0], f[3], *gid};
}

Result<std::string> text_in(const Tree& tree, const std::string& path) {
  const auto file = tree.open(path, O_RDONLY | O_NONBLOCK);
  if (!file) return std::string{};
  return read_all(file->get(), 4 << 20);
}

}  // namespace

Result<User> find_user(std::string_view wanted, std::string_view passwd, std::string_view group) {
  const auto colon = wanted.find(':');
  const auto name = colon == std::string_view::npos ? wanted : wanted.substr(0, colon);
  const auto group_name = colon == std::string_view::npos ? std::string_view{} : wanted.substr(colon + 1);
  User out;
  std::string_view login;
  const auto uid = number(name.empty() ? "0" : name);
  bool found = false;
  for (const auto text : split(passwd, '\n')) {
    const auto line = passwd_line(text);
    if (!line || found || !(uid ? line->uid == *uid : line->name == name)) continue;
    found = true;
    login = line->name;
    out.uid = line->uid;
    out.gid = line->gid;
    out.home = line->home;
  }
  if (!found && !uid)
    return fail("find user", name, 0, "the image's /etc/passwd has none of that name; give a number");
  if (!found) out.uid = *uid;

  const auto gid = number(group_name);
  bool group_found = gid.has_value() || group_name.empty();
  if (gid) out.gid = *gid;
  for (const auto text : split(group, '\n')) {
    const auto line = group_line(text);
    if (!line) continue;
    if (!gid && !group_name.empty() && line->name == group_name) {
      out.gid = line->gid;
      group_found = true;
    }
    // An explicit group stands alone; else the user brings those that list it.
    if (!group_name.empty() || login.empty()) continue;
    for (const auto member : split(line->members, ','))
      if (member == login) out.groups.push_back(line->gid);
  }
  if (!group_found)
    return fail("find group", group_name, 0, "the image's /etc/group has none of that name; give a number");
  return out;
}

Result<User> find_user_in(const std::string& rootfs, std::string_view wanted) {
  const auto root = TRY(open_file(rootfs, O_PATH | O_DIRECTORY));
  const Tree tree(root.get());
  const std::string passwd = TRY(text_in(tree, "etc/passwd"));
  const std::string group = TRY(text_in(tree, "etc/group"));
  return find_user(wanted, passwd, group);
}

}  // namespace podwire::oci
