#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernel/host.h"

namespace podwire::kernel::fake {

class Machine;  // the state of all fake namespaces

/// A kernel in memory, with real semantics: EEXIST for a name that is taken, ENODEV for a link that is gone,
/// ENETUNREACH for a gateway no route covers, both ends of a veth go together, routes and addresses go with
/// their link, a batch of nft elements is all or none. What the kernel refuses, it refuses. Fault injection:
/// `fail_call(n)` makes the nth mutating call from now (counted from 1, over all adapters and namespaces)
/// fail with EIO without effect. Not thread-safe.
class FakeHost final : public Host {
 public:
  FakeHost();
  ~FakeHost() override;

  Result<NetNs> current_netns() override;
  Result<NetNs> open_netns(const std::string& path) override;
  Result<std::unique_ptr<Rtnl>> rtnl(const NetNs& netns) override;
  Result<std::unique_ptr<Nft>> nft(const NetNs& netns) override;
  Result<std::unique_ptr<Conntrack>> conntrack(const NetNs& netns) override;
  Result<std::unique_ptr<Sysctl>> sysctl(const NetNs& netns) override;

  /// A new namespace that open_netns(path) finds; it starts with "lo", down.
  void add_netns(const std::string& path);
  /// The namespace ends: its links go, and the other ends of its veths with them.
  void remove_netns(const std::string& path);

  void fail_call(std::uint64_t nth, int err = 5 /* EIO */);
  [[nodiscard]] std::uint64_t mutating_calls() const;
  /// One line per mutating call since the start: "rtnl add_route 10.1.0.0/24 ...". For order assertions and
  /// debugging.
  [[nodiscard]] const std::vector<std::string>& journal() const;
  /// Everything in a namespace as sorted text: two equal dumps mean equal state.
  [[nodiscard]] std::string dump(const std::string& path = "");  // "": the current namespace
  /// Declares a set or map, as a shape would; load_shape does that from text for each "set NAME" and "map
  /// NAME".
  void add_set(const state::NftSet& set, const std::string& netns = "");
  /// A flow for conntrack to list.
  void add_flow(const state::Flow& flow, const std::string& netns = "");

 private:
  std::shared_ptr<Machine> machine_;
};

}  // namespace podwire::kernel::fake
