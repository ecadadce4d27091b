#pragma once
#include <string>

#include "trace/packet.h"

namespace podwire::trace {

/// A packet in one line: "TCP 172.17.0.2:41000 to 172.17.0.3:80 SYN, 0 bytes of data, TTL 64".
/// A tunnelled one: "VXLAN 1 from 10.89.0.10 to 10.89.0.11 round ICMP echo request ...".
[[nodiscard]] std::string summary(const Packet& packet);

}  // namespace podwire::trace
