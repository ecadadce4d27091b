#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "kernel/fake/fake_host.h"

namespace podwire::kernel::fake {

/// The errno of a Result, 0 for success, -1 for an error without errno.
template <class T>
int errno_of(const Result<T>& result) {
  if (result) return 0;
  return result.error().sys_errno == 0 ? -1 : result.error().sys_errno;
}

inline Cidr cidr(const char* text) { return *Cidr::parse(text); }
inline IpAddr ip(const char* text) { return *IpAddr::parse(text); }
inline Mac mac(const char* text) { return *Mac::parse(text); }

/// A fake host with the current namespace and one more, "/run/netns/pod", and short ways to ask both.
class FakeTest : public testing::Test {
 protected:
  static constexpr const char* kPod = "/run/netns/pod";

  FakeTest() {
    host.add_netns(kPod);
    rtnl = open("current");
    pod_rtnl = open(kPod);
  }
  NetNs netns(const std::string& path) { return *host.open_netns(path); }
  std::unique_ptr<Rtnl> open(const std::string& path) { return *host.rtnl(netns(path)); }

  /// A veth pair, both ends up: `name` here, `peer` in the pod.
  int veth(const std::string& name = "veth1", const std::string& peer = "eth0") {
    const int index = rtnl->create_veth({.name = name}, {.name = peer}, netns(kPod)).value();
    EXPECT_TRUE(pod_rtnl->change_link(pod_rtnl->link(peer)->index, {.up = true}));
    return index;
  }
  /// A link that is up and has carrier of its own.
  int plain(const std::string& name, Rtnl& in) {
    const int index = in.create_plain("dummy", name).value();
    EXPECT_TRUE(in.change_link(index, {.up = true}));
    return index;
  }
  int plain(const std::string& name = "dummy0") { return plain(name, *rtnl); }

  static state::Address address(int link, const char* text) {
    return {.link_index = link, .cidr = cidr(text)};
  }
  static state::Route via(const char* dst, const char* gateway, int link = 0) {
    return {.dst = cidr(dst), .gateway = ip(gateway), .link_index = link};
  }
  static state::Route over(const char* dst, int link) {
    return {.dst = cidr(dst), .link_index = link, .scope = state::Scope::link};
  }
  static std::vector<std::string> cidrs(Rtnl& in, int link, Family family) {
    std::vector<std::string> out;
    for (const auto& a : *in.addresses(family, link)) out.push_back(a.cidr.str());
    return out;
  }
  /// Destinations of a table's routes over a link, sorted.
  static std::vector<std::string> destinations(Rtnl& in, int link, Family family, std::uint32_t table = 254) {
    std::vector<std::string> out;
    for (const auto& r : *in.routes(family, table))
      if (r.link_index == link) out.push_back(r.dst.str());
    std::ranges::sort(out);
    return out;
  }

  FakeHost host;
  std::unique_ptr<Rtnl> rtnl, pod_rtnl;
};

}  // namespace podwire::kernel::fake
