#pragma once
#include <memory>

#include "kernel/conntrack/conntrack.h"
#include "kernel/fake/machine.h"

namespace podwire::kernel::fake {

/// The flows that FakeHost::add_flow() put there.
class FakeConntrack final : public Conntrack {
 public:
  FakeConntrack(std::shared_ptr<Machine> machine, std::shared_ptr<Namespace> home)
      : machine_(std::move(machine)), home_(std::move(home)) {}
  Result<std::vector<state::Flow>> flows(const state::FlowFilter& filter) override;
  Result<std::size_t> remove(const state::FlowFilter& filter) override;

 private:
  std::shared_ptr<Machine> machine_;
  std::shared_ptr<Namespace> home_;
};

}  // namespace podwire::kernel::fake
