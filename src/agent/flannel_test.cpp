#include "agent/flannel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podwire::agent {
namespace {

Cidr net(std::string_view text) { return Cidr::parse(text).value(); }

kube::Node node() {
  kube::Node out;
  out.meta.name = "node0";
  out.meta.uid = "5d2b";
  out.pod_cidrs = {net("10.244.0.0/24"), net("fd44::/64")};
  out.addresses = {{"Hostname", "node0"}, {"InternalIP", "10.89.0.10"}, {"InternalIP", "fd89::10"}};
  return out;
}

const std::vector<plan::Underlay> kUnderlays{{"eth0", net("10.89.0.10/24"), 1500},
                                             {"eth0", net("fd89::10/64"), 1500}};

TEST(Flannel, WhatWeSayIsWhatOthersRead) {
  auto self = node();
  const auto vteps = own_vteps(self, kUnderlays, 1);
  ASSERT_EQ(vteps.size(), 2U);
  self.meta.annotations = flannel_annotations(vteps, kUnderlays, plan::Backend::automatic, 1);
  const auto seen = network_node_of(self, 1);
  EXPECT_EQ(seen.vteps, vteps);
  EXPECT_EQ(seen.name, "node0");
  EXPECT_EQ(seen.pod_cidrs, self.pod_cidrs);
  EXPECT_EQ(seen.addresses.size(), 2U);
  EXPECT_EQ(kube::text_of(self.meta.annotations, "flannel.alpha.coreos.com/backend-data"),
            R"({"VNI":1,"VtepMAC":")" + vteps[0].mac.str() + "\"}");
  EXPECT_EQ(kube::text_of(self.meta.annotations, "flannel.alpha.coreos.com/public-ip"), "10.89.0.10");
  EXPECT_EQ(kube::text_of(self.meta.annotations, "flannel.alpha.coreos.com/kube-subnet-manager"), "true");
}

TEST(Flannel, AMacIsKept) {
  auto self = node();
  self.meta.annotations = {
      {"flannel.alpha.coreos.com/backend-data", R"({"VNI":1,"VtepMAC":"0e:00:00:00:00:07"})"}};
  const auto vteps = own_vteps(self, kUnderlays, 1);
  EXPECT_EQ(vteps[0].mac.str(), "0e:00:00:00:00:07");
  EXPECT_EQ(vteps[1], own_vteps(node(), kUnderlays, 1)[1]);
  EXPECT_NE(own_vteps(self, kUnderlays, 7)[0].mac.str(), "0e:00:00:00:00:07");
}

TEST(Flannel, OnlyFamiliesWithPodsAndAnUnderlay) {
  auto self = node();
  self.pod_cidrs.pop_back();
  EXPECT_EQ(own_vteps(self, kUnderlays, 1).size(), 1U);
  EXPECT_EQ(own_vteps(node(), std::span(kUnderlays).first(1), 1).size(), 1U);
  EXPECT_EQ(own_vteps(node(), {}, 1).size(), 0U);
}

TEST(Flannel, WithHostGatewayNobodyTakesVxlan) {
  auto self = node();
  self.meta.annotations =
      flannel_annotations(own_vteps(self, kUnderlays, 1), kUnderlays, plan::Backend::host_gw, 1);
  EXPECT_TRUE(network_node_of(self, 1).vteps.empty());
}

TEST(Flannel, AnOverwrittenAddressCounts) {
  auto self = node();
  self.meta.annotations =
      flannel_annotations(own_vteps(self, kUnderlays, 1), kUnderlays, plan::Backend::vxlan, 1);
  kube::set(self.meta.annotations, "flannel.alpha.coreos.com/public-ip-overwrite", "198.51.100.4");
  EXPECT_EQ(network_node_of(self, 1).vteps[0].address.str(), "198.51.100.4");
}

TEST(Flannel, NonsenseIsAsIfItWereNotThere) {
  auto self = node();
  for (const char* data : {"", "{", "[]", "{}", R"({"VNI":2,"VtepMAC":"0e:00:00:00:00:07"})",
                           R"({"VNI":1,"VtepMAC":"01:00:00:00:00:07"})", R"({"VNI":1,"VtepMAC":7})",
                           R"({"VNI":"1","VtepMAC":"0e:00:00:00:00:07"})"}) {
    self.meta.annotations = {{"flannel.alpha.coreos.com/backend-data", data},
                             {"flannel.alpha.coreos.com/backend-type", "vxlan"},
                             {"flannel.alpha.coreos.com/public-ip", "10.89.0.10"}};
    EXPECT_TRUE(network_node_of(self, 1).vteps.empty()) << data;
  }
  self.meta.annotations = {
      {"flannel.alpha.coreos.com/backend-data", R"({"VNI":1,"VtepMAC":"0e:00:00:00:00:07"})"},
      {"flannel.alpha.coreos.com/backend-type", "vxlan"},
      {"flannel.alpha.coreos.com/public-ip", "fd89::10"}};
  EXPECT_TRUE(network_node_of(self, 1).vteps.empty());
}

}  // namespace
}  // namespace podwire::agent
