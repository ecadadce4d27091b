#include "kernel/fake/fake_sysctl.h"

#include <cerrno>
#include <charconv>

#include "kernel/fake/addresses.h"
#include "kernel/fake/devices.h"
#include "kernel/fake/sysctl_tree.h"

namespace podwire::kernel::fake {
namespace {

constexpr std::string_view kIpForward = "net/ipv4/ip_forward";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// proc_dointvec(): the first number; nothing when there is none that fits an int.
std::optional<std::string> first_number(std::string_view text) {
  int value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = end == text.data() + text.size() || is_space(*end);
  if (ec != std::errc{} || !whole) return std::nullopt;
  return std::to_string(value);
}

bool is_number(std::string_view text) { return first_number(text) == text; }

/// Sets one conf entry for "all", "default" and every link.
void set_everywhere(Namespace& home, Family family, std::string_view name, const std::string& value) {
  const auto set = [&](std::string_view link) {
    const auto it = home.sysctls.find(link_sysctl_key(family, link, name));
    if (it != home.sysctls.end()) it->second = value;
  };
  set("all");
  set("default");
  for (const auto& [index, device] : home.devices) set(device.link.name);
}

/// disable_ipv6 was written: links that lost IPv6 lose its addresses, links that have it back start anew.
void follow_disable_ipv6(Namespace& home) {
  for (auto& [index, device] : home.devices) {
    if (ipv6_enabled(home, device) == false) link_lost_ipv6(home, device);
    device.ready = false;
  }
}

}  // namespace

Result<std::string> FakeSysctl::get(std::string_view key) {
  const auto it = home_->sysctls.find(key);
  if (it == home_->sysctls.end()) return fail("read sysctl", key, ENOENT);
  return it->second;
}

Result<> FakeSysctl::set(std::string_view key, std::string_view value) {
  return machine_->mutate(fmt::format("sysctl set {}={}", key, value), [&]() -> Result<> {
    const auto it = home_->sysctls.find(key);
    if (it == home_->sysctls.end()) return fail("write sysctl", key, ENOENT);
    std::string wanted(trimmed(value));
    if (is_number(it->second)) {
      auto number = first_number(wanted);
      if (!number) return fail("write sysctl", fmt::format("{}={}", key, value), EINVAL);
      wanted = std::move(*number);
    }
    it->second = wanted;
    const auto is_conf_all = [&](Family f, std::string_view name) {
      return key == link_sysctl_key(f, "all", name);
    };
    if (key == kIpForward || is_conf_all(Family::v4, "forwarding")) {
      home_->sysctls.find(kIpForward)->second = wanted;
      set_everywhere(*home_, Family::v4, "forwarding", wanted);
    }
    if (is_conf_all(Family::v6, "forwarding")) set_everywhere(*home_, Family::v6, "forwarding", wanted);
    if (is_conf_all(Family::v6, "disable_ipv6")) set_everywhere(*home_, Family::v6, "disable_ipv6", wanted);
    if (key.ends_with("/disable_ipv6")) {
      follow_disable_ipv6(*home_);
      settle(*machine_);
    }
    return {};
  });
}

}  // namespace podwire::kernel::fake
