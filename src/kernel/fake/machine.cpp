#include "kernel/fake/machine.h"

#include "kernel/fake/devices.h"
#include "kernel/fake/sysctl_tree.h"

namespace podwire::kernel::fake {

Machine::Machine() { add(std::string(kCurrent)); }

std::shared_ptr<Namespace> Machine::add(const std::string& name) {
  auto home = std::make_shared<Namespace>();
  home->name = name;
  plant_sysctls(*home);
  state::Link lo;
  lo.name = "lo";
  lo.mtu = 65536;
  add_device(*home, std::move(lo));
  namespaces_[name] = home;
  return home;
}

void Machine::remove(const std::string& name) {
  const auto home = find(name);
  if (!home) return;
  while (!home->devices.empty()) remove_device(*home, home->devices.rbegin()->first);
  home->tables.clear();
  home->flows.clear();
  home->sysctls.clear();
  namespaces_.erase(home->name);
  settle(*this);
}

std::shared_ptr<Namespace> Machine::find(const std::string& name) const {
  const auto it = namespaces_.find(name.empty() ? std::string(kCurrent) : name);
  return it == namespaces_.end() ? nullptr : it->second;
}

Result<std::shared_ptr<Namespace>> Machine::need(const NetNs& netns) const {
  if (auto home = find(netns.name())) return home;
  return fail("find network namespace", netns.name(), ENOENT);
}

void Machine::fail_call(std::uint64_t nth, int err) {
  fault_at_ = calls_ + nth;
  fault_errno_ = err;
}

}  // namespace podwire::kernel::fake
