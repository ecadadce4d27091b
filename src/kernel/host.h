#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "kernel/conntrack/conntrack.h"
#include "kernel/netns/netns.h"
#include "kernel/nft/nft.h"
#include "kernel/rtnl/rtnl.h"
#include "kernel/sysctl/sysctl.h"

namespace podwire::kernel {

/// The doors to the network stack of one namespace. Opened on demand, owned by the caller.
/// The real one is `real_host()`; tests take `fake::FakeHost`, which refuses what the kernel refuses.
/// A namespace must outlive nothing: each adapter keeps what it needs.
class Host {
 public:
  virtual ~Host() = default;
  virtual Result<NetNs> current_netns() = 0;
  virtual Result<NetNs> open_netns(const std::string& path) = 0;
  virtual Result<std::unique_ptr<Rtnl>> rtnl(const NetNs& netns) = 0;
  virtual Result<std::unique_ptr<Nft>> nft(const NetNs& netns) = 0;
  virtual Result<std::unique_ptr<Conntrack>> conntrack(const NetNs& netns) = 0;
  virtual Result<std::unique_ptr<Sysctl>> sysctl(const NetNs& netns) = 0;
};

/// The kernel we run on. One object for the whole process, never destroyed.
Host& real_host();

}  // namespace podwire::kernel
