#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/addr.h"

namespace podwire::state {

/// linux/rtnetlink.h RT_SCOPE_*.
enum class Scope : std::uint8_t { global = 0, site = 200, link = 253, host = 254, nowhere = 255 };

/// An address on a link.
struct Address {
  int link_index = 0;
  Cidr cidr;  ///< the address with its on-link prefix length; host bits are kept
  Scope scope = Scope::global;
  std::optional<IpAddr> broadcast;
  bool no_dad = false;     ///< IFA_F_NODAD: usable at once, no duplicate address detection (IPv6)
  bool tentative = false;  ///< as read: duplicate address detection still runs
  bool permanent = true;
  friend bool operator==(const Address&, const Address&) = default;
};

[[nodiscard]] std::string describe(const Address& address);

}  // namespace podwire::state
