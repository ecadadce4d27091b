#include "kernel/fake/fake_host.h"

#include "kernel/fake/dump.h"
#include "kernel/fake/fake_conntrack.h"
#include "kernel/fake/fake_nft.h"
#include "kernel/fake/fake_rtnl.h"
#include "kernel/fake/fake_sysctl.h"
#include "kernel/fake/machine.h"

namespace podwire::kernel::fake {

FakeHost::FakeHost() : machine_(std::make_shared<Machine>()) {}
FakeHost::~FakeHost() = default;

Result<NetNs> FakeHost::current_netns() { return NetNs::named(std::string(kCurrent)); }

Result<NetNs> FakeHost::open_netns(const std::string& path) {
  if (path.empty() || !machine_->find(path)) return fail("open network namespace", path, ENOENT);
  return NetNs::named(path);
}

Result<std::unique_ptr<Rtnl>> FakeHost::rtnl(const NetNs& netns) {
  return std::make_unique<FakeRtnl>(machine_, TRY(machine_->need(netns)));
}

Result<std::unique_ptr<Nft>> FakeHost::nft(const NetNs& netns) {
  return std::make_unique<FakeNft>(machine_, TRY(machine_->need(netns)));
}

Result<std::unique_ptr<Conntrack>> FakeHost::conntrack(const NetNs& netns) {
  return std::make_unique<FakeConntrack>(machine_, TRY(machine_->need(netns)));
}

Result<std::unique_ptr<Sysctl>> FakeHost::sysctl(const NetNs& netns) {
  return std::make_unique<FakeSysctl>(machine_, TRY(machine_->need(netns)));
}

void FakeHost::add_netns(const std::string& path) { machine_->add(path); }
void FakeHost::remove_netns(const std::string& path) { machine_->remove(path); }
void FakeHost::fail_call(std::uint64_t nth, int err) { machine_->fail_call(nth, err); }
std::uint64_t FakeHost::mutating_calls() const { return machine_->calls(); }
const std::vector<std::string>& FakeHost::journal() const { return machine_->journal(); }

std::string FakeHost::dump(const std::string& path) {
  const auto home = machine_->find(path);
  return home ? fake::dump(*home) : "no such namespace\n";
}

void FakeHost::add_set(const state::NftSet& set, const std::string& netns) {
  if (const auto home = machine_->find(netns))
    home->tables[{set.family, set.table}].sets.try_emplace(set.name);
}

void FakeHost::add_flow(const state::Flow& flow, const std::string& netns) {
  if (const auto home = machine_->find(netns)) home->flows.push_back(flow);
}

}  // namespace podwire::kernel::fake
