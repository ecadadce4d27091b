#include "kernel/conntrack/open.h"
#include "kernel/host.h"
#include "kernel/nft/open.h"
#include "kernel/rtnl/open.h"
#include "kernel/sysctl/open.h"

namespace podwire::kernel {
namespace {

class RealHost final : public Host {
 public:
  Result<NetNs> current_netns() override { return NetNs::current(); }
  Result<NetNs> open_netns(const std::string& path) override { return NetNs::open(path); }
  Result<std::unique_ptr<Rtnl>> rtnl(const NetNs& netns) override { return open_rtnl(netns); }
  Result<std::unique_ptr<Nft>> nft(const NetNs& netns) override { return open_nft(netns); }
  Result<std::unique_ptr<Conntrack>> conntrack(const NetNs& netns) override { return open_conntrack(netns); }
  Result<std::unique_ptr<Sysctl>> sysctl(const NetNs& netns) override { return open_sysctl(netns); }
};

}  // namespace

Host& real_host() {
  static RealHost host;
  return host;
}

}  // namespace podwire::kernel
