#include "kernel/fake/fake_conntrack.h"

#include <algorithm>
#include <iterator>

namespace podwire::kernel::fake {
namespace {

/// Only what is set, so that a journal line says what was asked for.
std::string describe_filter(const state::FlowFilter& f) {
  std::string out;
  const auto add = [&](std::string_view name, const auto& value) {
    if (value) out += fmt::format(" {}={}", name, *value);
  };
  const auto add_addr = [&](std::string_view name, const std::optional<IpAddr>& value) {
    if (value) out += fmt::format(" {}={}", name, value->str());
  };
  if (f.family) out += fmt::format(" {}", name_of(*f.family));
  add("protocol", f.protocol);
  add_addr("src", f.original_src);
  add_addr("dst", f.original_dst);
  add("dport", f.original_dst_port);
  add_addr("reply-src", f.reply_src);
  add("reply-sport", f.reply_src_port);
  add("mark", f.mark);
  return out;
}

}  // namespace

Result<std::vector<state::Flow>> FakeConntrack::flows(const state::FlowFilter& filter) {
  std::vector<state::Flow> out;
  std::ranges::copy_if(home_->flows, std::back_inserter(out),
                       [&](const auto& f) { return filter.matches(f); });
  return out;
}

Result<std::size_t> FakeConntrack::remove(const state::FlowFilter& filter) {
  return machine_->mutate("conntrack remove" + describe_filter(filter), [&]() -> Result<std::size_t> {
    return std::erase_if(home_->flows, [&](const auto& f) { return filter.matches(f); });
  });
}

}  // namespace podwire::kernel::fake
