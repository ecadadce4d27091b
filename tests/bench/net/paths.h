#pragma once
#include <memory>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "kernel/netns/netns.h"

namespace podwire::bench {

enum class Shape : std::uint8_t {
  same_node,    ///< two pods of one node, routed veths
  plain_route,  ///< two nodes on one link
  vxlan,        ///< two nodes, VXLAN between them
};

/// A path from pod to pod made by hand, with nothing on it that its shape does not need: no tables, no
/// connection tracking. What podwire's path is held against. Its namespaces end with it.
class HandMade {
 public:
  static Result<HandMade> make(Shape shape, Family family);

  [[nodiscard]] const kernel::NetNs& client() const { return namespaces_.front(); }
  [[nodiscard]] const kernel::NetNs& server() const { return namespaces_.back(); }
  [[nodiscard]] const IpAddr& address() const { return address_; }

 private:
  std::vector<kernel::NetNs> namespaces_;  ///< client, node or nodes, server
  IpAddr address_;                         ///< the server's
};

}  // namespace podwire::bench
