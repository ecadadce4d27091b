#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/process.h"
#include "kernel/netns/netns.h"
#include "kernel/rtnl/open.h"

namespace podwire::test {

/// The value, or an exception that fails the test with the error's own words.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// errno of a call that must be refused; 0 when it was not.
template <class T>
int errno_of(const Result<T>& result) {
  return result ? 0 : result.error().sys_errno;
}

inline IpAddr addr(const std::string& text) { return must(IpAddr::parse(text)); }
inline Cidr cidr(const std::string& text) { return must(Cidr::parse(text)); }
inline Mac mac(const std::string& text) { return must(Mac::parse(text)); }

/// A network namespace of the test's own, empty but for lo, which is up. It ends with this object.
class Scratch {
 public:
  Scratch() { must(rtnl_->change_link(1, {.up = true})); }

  [[nodiscard]] const kernel::NetNs& ns() const { return ns_; }
  kernel::Rtnl* operator->() { return rtnl_.get(); }
  kernel::Rtnl& rtnl() { return *rtnl_; }

  /// Runs a program in it and gives its standard output: iproute2 as an independent reader of what we did.
  std::string run(std::vector<std::string> argv) const {
    return must(run_checked({.argv = std::move(argv), .before_exec = [this] { return ns_.join(); }}));
  }

 private:
  kernel::NetNs ns_ = must(kernel::NetNs::create());
  std::unique_ptr<kernel::Rtnl> rtnl_ = must(kernel::open_rtnl(ns_));
};

/// Two namespaces, "host" and "pod", and helpers that most tests of links need.
class TwoNamespaces : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: makes network namespaces";
    host_ = std::make_unique<Scratch>();
    pod_ = std::make_unique<Scratch>();
  }
  Scratch& host() { return *host_; }
  Scratch& pod() { return *pod_; }

  /// A veth from the host (`name`) to the pod (eth0), both ends up. Gives the host end's index.
  int veth(const std::string& name = "vethA", const std::string& in_pod = "eth0") {
    const int index = must(host()->create_veth({.name = name}, {.name = in_pod}, pod().ns()));
    must(pod()->change_link(must(pod()->link(in_pod)).index, {.up = true}));
    return index;
  }
  int pod_index(const std::string& name = "eth0") { return must(pod()->link(name)).index; }

 private:
  std::unique_ptr<Scratch> host_, pod_;
};

}  // namespace podwire::test
