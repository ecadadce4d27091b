#include <cerrno>

#include "kernel/fake/fake_rtnl.h"

namespace podwire::kernel::fake {

Result<std::optional<state::Shaper>> FakeRtnl::shaper(int link_index) {
  TRY(home_->need("read shaper of", link_index));
  const auto it = home_->shapers.find(link_index);
  if (it == home_->shapers.end()) return std::nullopt;
  return state::Shaper{link_index, it->second};
}

Result<> FakeRtnl::set_shaper(const state::Shaper& shaper) {
  return machine_->mutate("rtnl set_shaper " + describe(shaper), [&]() -> Result<> {
    TRY(home_->need("set shaper", shaper.link_index));
    if (shaper.bucket.burst_bytes == 0)
      return fail("set shaper", describe(shaper), EINVAL, "a token bucket without a burst passes nothing");
    home_->shapers[shaper.link_index] = shaper.bucket;
    return {};
  });
}

Result<> FakeRtnl::delete_shaper(int link_index) {
  return machine_->mutate(fmt::format("rtnl delete_shaper {}", home_->name_of(link_index)),
                          [&]() -> Result<> {
                            TRY(home_->need("delete shaper", link_index));
                            home_->shapers.erase(link_index);
                            return {};
                          });
}

Result<> FakeRtnl::redirect_ingress(int from_index, int to_index) {
  return machine_->mutate(
      fmt::format("rtnl redirect_ingress {} to {}", home_->name_of(from_index), home_->name_of(to_index)),
      [&]() -> Result<> {
        TRY(home_->need("redirect ingress of", from_index));
        TRY(home_->need("redirect ingress to", to_index));
        home_->redirects[from_index] = to_index;
        return {};
      });
}

}  // namespace podwire::kernel::fake
