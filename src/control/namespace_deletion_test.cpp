#include "control/namespace_deletion.h"

#include "control/world_testing.h"

namespace podwire::control {
namespace {

using testing::only;
using testing::pointers;

kube::Namespace ending() {
  kube::Namespace ns;
  ns.meta = {.name = "ns", .uid = "u", .resource_version = "7"};
  ns.meta.deleted = kube::Time();
  ns.finalizers = {"kubernetes", "example.com/other"};
  ns.phase = "Terminating";
  return ns;
}

Content content(const std::string& resource, const std::string& name,
                std::vector<std::string> finalizers = {}) {
  Content one{resource, {}};
  one.meta.name = name;
  one.meta.namespace_ = "ns";
  one.meta.finalizers = std::move(finalizers);
  return one;
}

std::string message(const Patch& patch, std::string_view type) {
  for (const auto& condition : *kube::array_in(patch.merge, "status", "conditions"))
    if (kube::text_in(condition.as_object(), "type") == type)
      return std::string(kube::text_in(condition.as_object(), "message"));
  return "";
}

TEST(NamespaceDeletion, DoesNothingToANamespaceThatStays) {
  auto ns = ending();
  ns.meta.deleted.reset();
  const std::vector left{content("pods", "p")};
  const auto seen = pointers(left);
  EXPECT_TRUE(reconcile_namespace({ns, seen, {}}).empty());
}

TEST(NamespaceDeletion, DeletesAllAndSaysWhatRemains) {
  auto held = content("pods", "held", {"example.com/hold"});
  held.meta.deleted = kube::Time();
  const std::vector left{content("pods", "p"), held, content("deployments.apps", "d")};
  const auto seen = pointers(left);
  const auto ns = ending();
  const auto actions = reconcile_namespace({ns, seen, {}});
  EXPECT_EQ(only<Delete>(actions).size(), 2U) << "what is going already is not deleted again";
  const auto patches = only<Patch>(actions);
  ASSERT_EQ(patches.size(), 1U);
  EXPECT_EQ(patches[0].subresource, "status");
  EXPECT_EQ(message(patches[0], "NamespaceContentRemaining"),
            "Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource "
            "instances");
  EXPECT_EQ(
      message(patches[0], "NamespaceFinalizersRemaining"),
      "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances");
}

TEST(NamespaceDeletion, LetsGoOfAnEmptyNamespace) {
  const auto ns = ending();
  const auto patches = only<Patch>(reconcile_namespace({ns, {}, {}}));
  ASSERT_EQ(patches.size(), 1U);
  EXPECT_EQ(patches[0].subresource, "finalize");
  EXPECT_EQ(*kube::array_in(patches[0].merge, "spec", "finalizers"), json::array({"example.com/other"}));
  auto done = ns;
  done.finalizers = {"example.com/other"};
  EXPECT_TRUE(reconcile_namespace({done, {}, {}}).empty());
}

}  // namespace
}  // namespace podwire::control
