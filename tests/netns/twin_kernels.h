#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "kernel/fake/fake_host.h"
#include "kernel/host.h"
#include "tests/netns/shown.h"

namespace podwire::test {

using kernel::Existing;
using kernel::NftBatch;
using state::NftBytes;
using state::NftElement;
using state::NftFamily;
using state::NftSet;

inline Cidr cidr(const char* text) { return *Cidr::parse(text); }
inline IpAddr ip(const char* text) { return *IpAddr::parse(text); }
inline Mac mac(const char* text) { return *Mac::parse(text); }

/// Two namespaces of one kernel and the doors to them: `here`, and `pod` for the other ends of veths.
struct Side {
  std::unique_ptr<kernel::NetNs> here, pod;
  std::unique_ptr<kernel::Rtnl> rtnl, pod_rtnl;
  std::unique_ptr<kernel::Nft> nft;
  std::unique_ptr<kernel::Sysctl> sysctl;

  /// The index of a link by its name; 9999 when there is none, which no kernel has.
  [[nodiscard]] int index(const char* name) const {
    const auto link = rtnl->link(name);
    return link ? link->index : 9999;
  }
  [[nodiscard]] int pod_index(const char* name) const {
    const auto link = pod_rtnl->link(name);
    return link ? link->index : 9999;
  }
  [[nodiscard]] state::Address address(const char* link, const char* text) const {
    // Without duplicate detection: it takes a real kernel a second, and a verdict must not depend on time.
    return {.link_index = index(link), .cidr = cidr(text), .no_dad = true};
  }
};

/// Does the same to the fake and to the real kernel, in fresh namespaces, and holds them against each other:
/// each call must end with the same errno, and `expect_same_state()` compares what they show then.
class TwinKernels : public testing::Test {
 protected:
  void SetUp() override {
    fake_host_.add_netns("/pod");
    auto here = kernel::NetNs::create();
    auto pod = kernel::NetNs::create();
    ASSERT_TRUE(here) << here.error().message();
    ASSERT_TRUE(pod) << pod.error().message();
    open(real, kernel::real_host(), std::move(*here), std::move(*pod));
    open(fake, fake_host_, *fake_host_.current_netns(), *fake_host_.open_netns("/pod"));
  }

  /// `step` gets a Side and returns a Result; both must end alike.
  template <class Step>
  void same(const char* what, Step&& step) {
    const std::string in_real = outcome(step(real));
    const std::string in_fake = outcome(step(fake));
    EXPECT_EQ(kind_of(in_fake), kind_of(in_real))
        << what << "\n  fake: " << in_fake << "\n  real: " << in_real;
  }
  /// The same, and both must succeed: for steps that the rest of a test builds on.
  template <class Step>
  void both(const char* what, Step&& step) {
    ASSERT_EQ(outcome(step(real)), "ok") << what << " (real)";
    ASSERT_EQ(outcome(step(fake)), "ok") << what << " (fake)";
  }

  /// Compares links, addresses, routes, neighbours and forwarding entries of both namespaces.
  void expect_same_state(const char* when) {
    EXPECT_EQ(shown_by(*fake.rtnl), shown_by(*real.rtnl)) << when << " (here)";
    EXPECT_EQ(shown_by(*fake.pod_rtnl), shown_by(*real.pod_rtnl)) << when << " (pod)";
  }

  Side real, fake;

 private:
  static void open(Side& side, kernel::Host& host, kernel::NetNs here, kernel::NetNs pod) {
    side.here = std::make_unique<kernel::NetNs>(std::move(here));
    side.pod = std::make_unique<kernel::NetNs>(std::move(pod));
    side.rtnl = host.rtnl(*side.here).value();
    side.pod_rtnl = host.rtnl(*side.pod).value();
    side.nft = host.nft(*side.here).value();
    side.sysctl = host.sysctl(*side.here).value();
  }

  template <class T>
  static std::string outcome(const Result<T>& result) {
    if (result) return "ok";
    const int err = result.error().sys_errno;
    return fmt::format("{}|{}", err == 0 ? "refused" : ::strerrorname_np(err), result.error().message());
  }
  static std::string kind_of(const std::string& outcome) { return outcome.substr(0, outcome.find('|')); }

  kernel::fake::FakeHost fake_host_;
};

}  // namespace podwire::test
