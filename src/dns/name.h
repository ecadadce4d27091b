#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"

namespace podwire::dns {

/// A domain name: its labels from the left, without the root's empty one. A label is any bytes; their case is
/// kept and means nothing. Value type.
struct Name {
  std::vector<std::string> labels;

  /// "web.default.svc.cluster.local", with or without the dot at the end. nullopt: a label is empty or longer
  /// than 63, or all of it longer than DNS can carry.
  static std::optional<Name> parse(std::string_view text);

  /// The dots are as parse() takes them.
  [[nodiscard]] std::string str() const;
  /// Length and bytes of every label, and the root's zero.
  [[nodiscard]] std::string wire() const;
  /// The labels that are left of a name which this one ends with, in lower case; nullopt: it does not.
  [[nodiscard]] std::optional<std::vector<std::string>> below(const Name& parent) const;
  /// Further labels, on the left.
  [[nodiscard]] Name under(std::vector<std::string> more) const;

  friend bool operator==(const Name& a, const Name& b);
};

/// "4.3.2.10.in-addr.arpa", or the nibbles of ip6.arpa: where an address' PTR record is.
[[nodiscard]] Name reverse_name(const IpAddr& address);
/// The address that such a name is about; nullopt for any other name.
[[nodiscard]] std::optional<IpAddr> reversed_address(const Name& name);

/// An address as one label: "10-244-1-2", "fd00--a". IPv6 that would begin or end with a hyphen has a 0
/// there.
[[nodiscard]] std::string dashed(const IpAddr& address);
/// What such a label says; nullopt: nothing.
[[nodiscard]] std::optional<IpAddr> dashed_address(std::string_view label);

}  // namespace podwire::dns
