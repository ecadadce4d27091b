#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/number_set.h"
#include "plan/random_start.h"

namespace podwire::plan {

/// --service-node-port-range. Invariant: 1 <= first <= last <= 65535.
struct PortRange {
  std::uint16_t first = 30000;
  std::uint16_t last = 32767;

  /// "30000-32767", "30000+2767" (first and how many more) or one port.
  static Result<PortRange> parse(std::string_view text);
  [[nodiscard]] unsigned size() const { return last - first + 1U; }
  [[nodiscard]] bool contains(unsigned port) const { return first <= port && port <= last; }
  [[nodiscard]] std::string str() const;
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

/// Which node ports are in use. Ports that nobody chose come out of the range's upper band, from a random
/// start, and out of the lower one only when the upper is full: the lower is left to those who choose
/// (KEP-3668). A port is one number here, whatever protocols its Service uses it for.
class NodePorts {
 public:
  NodePorts(PortRange range, Random random);

  /// "range is full".
  Result<std::uint16_t> allocate();
  /// A chosen one: "provided port is not in the valid range. The range of valid ports is 30000-32767" or
  /// "provided port is already allocated".
  Result<> allocate(unsigned port);
  /// As allocate(port), taking nothing.
  [[nodiscard]] Result<> check(unsigned port) const;
  /// What a Service has already, also one that lies outside of the range since the flag was changed.
  void occupy(std::uint16_t port) { used_.insert(port); }
  void release(unsigned port) { used_.erase(port); }

  [[nodiscard]] bool contains(unsigned port) const { return used_.contains(port); }
  /// All that are taken, ascending.
  [[nodiscard]] std::vector<unsigned> all() const;
  [[nodiscard]] std::uint64_t taken() const { return used_.size(); }
  [[nodiscard]] const PortRange& range() const { return range_; }

 private:
  PortRange range_;
  Random random_;
  NumberSet used_;
};

/// How many ports at the start of a range are left to those who choose: min(max(16, size/32), 128), and none
/// of a range of 16 or less.
[[nodiscard]] unsigned static_band(const PortRange& range);

}  // namespace podwire::plan
