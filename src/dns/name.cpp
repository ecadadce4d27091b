#include "dns/name.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace podwire::dns {
namespace {

constexpr std::size_t kLabel = 63;  // RFC 1035, 2.3.4
constexpr std::size_t kName = 255;  // with all lengths and the root
constexpr std::size_t kV6Nibbles = 32;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::optional<IpAddr> parsed(const std::string& text) {
  auto address = IpAddr::parse(text);
  if (!address) return std::nullopt;
  return *address;
}

const Name& v4_zone() {
  static const Name zone{{"in-addr", "arpa"}};
  return zone;
}
const Name& v6_zone() {
  static const Name zone{{"ip6", "arpa"}};
  return zone;
}

}  // namespace

std::optional<Name> Name::parse(std::string_view text) {
  Name out;
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty()) return out;
  if (text.size() + 2 > kName) return std::nullopt;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('.', at), text.size());
    if (end == at || end - at > kLabel) return std::nullopt;
    out.labels.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string Name::str() const { return fmt::format("{}", fmt::join(labels, ".")); }

std::string Name::wire() const {
  std::string out;
  for (const auto& label : labels) {
    out += static_cast<char>(label.size());
    out += label;
  }
  out += '\0';
  return out;
}

std::optional<std::vector<std::string>> Name::below(const Name& parent) const {
  if (labels.size() < parent.labels.size()) return std::nullopt;
  const auto split = labels.end() - static_cast<std::ptrdiff_t>(parent.labels.size());
  if (!std::equal(split, labels.end(), parent.labels.begin(), same_ignoring_case)) return std::nullopt;
  std::vector<std::string> out;
  std::transform(labels.begin(), split, std::back_inserter(out), lower);
  return out;
}

Name Name::under(std::vector<std::string> more) const {
  more.insert(more.end(), labels.begin(), labels.end());
  return {std::move(more)};
}

bool operator==(const Name& a, const Name& b) {
  return std::ranges::equal(a.labels, b.labels, same_ignoring_case);
}

Name reverse_name(const IpAddr& address) {
  std::vector<std::string> labels;
  for (const std::byte each : address.bytes()) {
    const auto byte = std::to_integer<unsigned>(each);
    if (address.is_v4()) {
      labels.push_back(fmt::format("{}", byte));
    } else {
      labels.push_back(fmt::format("{:x}", byte >> 4U));
      labels.push_back(fmt::format("{:x}", byte & 15U));
    }
  }
  std::ranges::reverse(labels);
  return (address.is_v4() ? v4_zone() : v6_zone()).under(std::move(labels));
}

std::optional<IpAddr> reversed_address(const Name& name) {
  if (auto v4 = name.below(v4_zone()); v4 && v4->size() == 4) {
    std::ranges::reverse(*v4);
    return parsed(fmt::format("{}", fmt::join(*v4, ".")));
  }
  auto v6 = name.below(v6_zone());
  if (!v6 || v6->size() != kV6Nibbles) return std::nullopt;
  u128 value = 0;
  for (auto nibble = v6->rbegin(); nibble != v6->rend(); ++nibble) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    const auto digit = nibble->size() == 1 ? kDigits.find(nibble->front()) : std::string_view::npos;
    if (digit == std::string_view::npos) return std::nullopt;
    value = value << 4U | digit;
  }
  return IpAddr::from_value(Family::v6, value);
}

std::string dashed(const IpAddr& address) {
  auto text = address.str();
  std::ranges::replace_if(text, [](char c) { return c == '.' || c == ':'; }, '-');
  if (text.starts_with('-')) text.insert(0, "0");
  if (text.ends_with('-')) text += '0';
  return text;
}

std::optional<IpAddr> dashed_address(std::string_view label) {
  std::string text(label);
  std::ranges::replace(text, '-', '.');
  if (const auto v4 = parsed(text)) return v4;
  std::ranges::replace(text, '.', ':');
  return parsed(text);
}

}  // namespace podwire::dns
