#pragma once
#include <memory>

#include "kernel/fake/machine.h"
#include "kernel/sysctl/sysctl.h"

namespace podwire::kernel::fake {

/// /proc/sys of a fake namespace. Some keys do what they do in the kernel: ip_forward and conf/all/forwarding
/// set every link's, disable_ipv6 takes a link's IPv6 addresses and gives its link-local one back.
class FakeSysctl final : public Sysctl {
 public:
  FakeSysctl(std::shared_ptr<Machine> machine, std::shared_ptr<Namespace> home)
      : machine_(std::move(machine)), home_(std::move(home)) {}
  Result<std::string> get(std::string_view key) override;
  Result<> set(std::string_view key, std::string_view value) override;

 private:
  std::shared_ptr<Machine> machine_;
  std::shared_ptr<Namespace> home_;
};

}  // namespace podwire::kernel::fake
