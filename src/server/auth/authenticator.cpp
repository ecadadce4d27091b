#include "server/auth/authenticator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "pki/digest.h"

namespace podwire::server {
namespace {

/// The fields of a CSV line; a field in quotes may hold commas.
std::optional<std::vector<std::string>> csv(std::string_view line) {
  std::vector<std::string> out;
  while (true) {
    std::string field;
    if (line.starts_with('"')) {
      const auto end = line.find('"', 1);
      if (end == std::string_view::npos) return std::nullopt;
      field = line.substr(1, end - 1);
      line.remove_prefix(end + 1);
    } else {
      const auto end = std::min(line.find(','), line.size());
      field = line.substr(0, end);
      line.remove_prefix(end);
    }
    out.push_back(std::move(field));
    if (line.empty()) return out;
    if (line.front() != ',') return std::nullopt;
    line.remove_prefix(1);
  }
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find(',');
    if (const auto part = text.substr(0, end); !part.empty()) out.emplace_back(part);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

User known(User user) {
  if (std::ranges::find(user.groups, "system:authenticated") == user.groups.end())
    user.groups.emplace_back("system:authenticated");
  return user;
}

}  // namespace

Result<TokenFile> TokenFile::parse(std::string_view text) {
  TokenFile out;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto fields = csv(line);
    if (!fields || fields->size() < 2 || fields->size() > 4 || (*fields)[0].empty() || (*fields)[1].empty())
      return fail("read token file", fmt::format("line {}", number), 0,
                  "expected: token,user,uid,\"group1,group2\"");
    User user{.name = (*fields)[1]};
    if (fields->size() > 2) user.uid = (*fields)[2];
    if (fields->size() > 3) user.groups = split((*fields)[3]);
    out.users_.emplace_back((*fields)[0], std::move(user));
  }
  return out;
}

const User* TokenFile::find(std::string_view token) const {
  const User* found = nullptr;
  for (const auto& [known, user] : users_)
    if (pki::same_secret(known, token)) found = &user;
  return found;
}

kube::Answer<User> Authenticator::authenticate(const pki::Subject* subject,
                                               std::string_view authorization) const {
  if (subject != nullptr && !subject->common_name.empty())
    return known({.name = subject->common_name, .groups = subject->organizations});
  static constexpr std::string_view kScheme = "Bearer ";
  if (!same_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return kube::unauthorized();
  auto identity = identify(authorization.substr(kScheme.size()), {std::string(kIssuer)});
  if (!identity) return kube::unauthorized();
  return std::move(identity->user);
}

Result<AccountAuthenticator::Identity> Authenticator::identify(
    std::string_view token, const std::vector<std::string>& audiences) const {
  if (const auto* user = tokens_.find(token)) {
    if (std::ranges::find(audiences, kIssuer) == audiences.end())
      return fail("read", "token", 0, "it is for another audience");
    return AccountAuthenticator::Identity{.user = known(*user), .audiences = {std::string(kIssuer)}};
  }
  // Only what has the shape of a JSON Web Token is looked at as one.
  if (accounts_ && std::ranges::count(token, '.') == 2) return accounts_->identify(token, audiences);
  return fail("read", "token", 0, "it is nobody's");
}

}  // namespace podwire::server
