#include "docker/name_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "base/file.h"

namespace podwire::docker {
namespace {

void add_lines(std::string& out, const Container& c, const std::vector<std::string>& names) {
  for (const auto& address : c.attachment.addresses)
    out += fmt::format("{}\t{}\n", address.addr().str(), fmt::join(names, " "));
}

}  // namespace

std::string hosts_text(const Container& self, const std::vector<Container>& others, bool resolves_names) {
  std::string out =
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "ff02::1\tip6-allnodes\n"
      "ff02::2\tip6-allrouters\n";
  std::vector<std::string> own{self.hostname};
  const auto add = [](std::vector<std::string>& names, const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  const auto add_names_of = [&](std::vector<std::string>& names, const Container& c) {
    add(names, c.name);
    for (const auto& alias : c.attachment.aliases) add(names, alias);
    add(names, c.short_id());
  };
  if (resolves_names) add_names_of(own, self);
  add_lines(out, self, own);
  if (!resolves_names) return out;
  for (const auto& other : others) {
    if (other.id == self.id || other.attachment.network != self.attachment.network) continue;
    std::vector<std::string> names;
    add_names_of(names, other);
    add_lines(out, other, names);
  }
  return out;
}

std::string resolv_conf_text(std::string_view hosts_own, const std::vector<IpAddr>& servers) {
  std::string out;
  for (const auto& server : servers) out += fmt::format("nameserver {}\n", server.str());
  std::istringstream lines{std::string(hosts_own)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key, value;
    words >> key >> value;
    if (key == "nameserver") {
      if (!servers.empty()) continue;
      const auto address = IpAddr::parse(value.substr(0, value.find('%')));
      if (!address || address->is_loopback()) continue;
    }
    out += line + "\n";
  }
  return out;
}

Result<> rewrite_in_place(const std::string& path, std::string_view text) {
  const auto file = TRY(open_file(path, O_WRONLY | O_CREAT, 0644));
  TRY(write_all(file.get(), text));
  if (::ftruncate(file.raw(), static_cast<off_t>(text.size())) != 0) return fail("cut", path, errno);
  return {};
}

}  // namespace podwire::docker
