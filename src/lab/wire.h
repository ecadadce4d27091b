#pragma once
#include <memory>
#include <string>

#include "base/addr.h"
#include "base/result.h"
#include "kernel/netns/netns.h"
#include "kernel/rtnl/rtnl.h"

namespace podwire::lab {

/// A machine's interface as it was plugged into a wire.
struct Plug {
  int link_index = 0;  ///< in the machine
  int port_index = 0;  ///< of the other end, a port of the switch
  Mac mac;             ///< of the machine's interface
};

/// An Ethernet switch: a bridge in a network namespace of its own, with a port for each interface that is
/// plugged in. What crosses it never touches another namespace. It ends with this object; the cables (veth
/// pairs) end with it. Not thread-safe.
class Wire {
 public:
  static Result<Wire> create();

  [[nodiscard]] const kernel::NetNs& netns() const { return netns_; }
  /// Makes interface `ifname` in a machine, up, with `address`, plugged into a port of the switch that is
  /// named `port`. Its MAC is derived from the port's name, so that it is the same in every run.
  Result<Plug> plug(const kernel::NetNs& machine, const std::string& ifname, const Cidr& address,
                    const std::string& port);
  /// Pulls the plug out at once, whatever becomes of the machine. Success when there is no such port.
  Result<> unplug(const std::string& port);

 private:
  Wire(kernel::NetNs netns, std::unique_ptr<kernel::Rtnl> rtnl, int bridge)
      : netns_(std::move(netns)), rtnl_(std::move(rtnl)), bridge_index_(bridge) {}
  kernel::NetNs netns_;
  std::unique_ptr<kernel::Rtnl> rtnl_;
  int bridge_index_ = 0;
};

/// Brings `lo` up: a new namespace's is down, and 127.0.0.1 does not answer.
Result<> bring_up_loopback(kernel::Rtnl& rtnl);

}  // namespace podwire::lab
