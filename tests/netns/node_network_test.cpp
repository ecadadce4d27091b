// Two nodes whose networks are planned and applied: their pods reach each other, and a second look at the
// kernel finds nothing to do.
#include "plan/node_network.h"

#include "apply/network_applier.h"
#include "apply/network_reader.h"
#include "tests/netns/scratch.h"

namespace podwire::test {
namespace {

using plan::Backend;

class NodeNetworks : public TwoNamespaces, public testing::WithParamInterface<Backend> {
 protected:
  static plan::NetworkNode node(int n) {
    const auto number = std::to_string(n);
    return {.name = "node-" + number,
            .pod_cidrs = {cidr("10.244." + number + ".0/24"), cidr("fd44:0:0:" + number + "::/64")},
            .addresses = {addr("10.89.0." + number), addr("fd89::" + number)},
            .vteps = {{addr("10.89.0." + number), Mac::derived_from("v4" + number)},
                      {addr("fd89::" + number), Mac::derived_from("v6" + number)}}};
  }

  static void give(Scratch& ns, const std::string& link, const std::string& address) {
    must(ns->add_address({.link_index = must(ns->link(link)).index,
                          .cidr = cidr(address),
                          .no_dad = cidr(address).family() == Family::v6}));
  }

  /// eth0 between the two, a pod's addresses on a link of their own, and the planned network.
  static plan::NodeNetwork planned(int self) {
    const std::vector nodes{node(1), node(2)};
    const auto number = std::to_string(self);
    const std::vector<plan::Underlay> underlays{{"eth0", cidr("10.89.0." + number + "/24"), 1500},
                                                {"eth0", cidr("fd89::" + number + "/64"), 1500}};
    return plan::plan_node_network({.self = nodes[static_cast<std::size_t>(self) - 1],
                                    .nodes = nodes,
                                    .underlays = underlays,
                                    .cluster_cidrs = {},
                                    .backend = GetParam()});
  }

  void SetUp() override {
    TwoNamespaces::SetUp();
    if (IsSkipped()) return;
    veth("eth0", "eth0");
    int n = 1;
    for (auto* ns : {&host(), &pod()}) {
      const auto number = std::to_string(n++);
      must((*ns)->change_link(must((*ns)->create_plain("ifb", "pod")), {.up = true}));
      give(*ns, "eth0", "10.89.0." + number + "/24");
      give(*ns, "eth0", "fd89::" + number + "/64");
      give(*ns, "pod", "10.244." + number + ".5/32");
      give(*ns, "pod", "fd44:0:0:" + number + "::5/128");
    }
  }
};

TEST_P(NodeNetworks, PodsReachEachOther) {
  const auto one = planned(1).network;
  const auto two = planned(2).network;
  apply::NetworkApplier first(host().rtnl());
  apply::NetworkApplier second(pod().rtnl());
  must(first.apply(one));
  must(second.apply(two));
  EXPECT_EQ(describe(must(apply::read_network(host().rtnl()))), describe(one));
  EXPECT_EQ(describe(must(apply::read_network(pod().rtnl()))), describe(two));
  EXPECT_EQ(must(apply::read_network(host().rtnl())), one);
  first.distrust();
  EXPECT_EQ(must(first.apply(one)), 0U);
  host().run({"ping", "-nc1", "-W5", "-I", "10.244.1.5", "10.244.2.5"});
  host().run({"ping", "-nc1", "-W5", "-I", "fd44:0:0:1::5", "fd44:0:0:2::5"});

  must(first.apply({}));
  EXPECT_EQ(describe(must(apply::read_network(host().rtnl()))), "");
}

INSTANTIATE_TEST_SUITE_P(Backends, NodeNetworks, testing::Values(Backend::host_gw, Backend::vxlan),
                         [](const auto& param) {
                           return param.param == Backend::vxlan ? "Vxlan" : "HostGw";
                         });

}  // namespace
}  // namespace podwire::test
