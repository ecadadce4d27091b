#include "control/garbage_collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "control/world_testing.h"

namespace podwire::control {
namespace {

using testing::only;

kube::OwnerReference owned_by(const std::string& uid, bool blocking = false) {
  return {"v1", "Thing", "name-" + uid, uid, true, blocking};
}

kube::ObjectMeta object(const std::string& uid, std::vector<kube::OwnerReference> owners = {}) {
  kube::ObjectMeta meta;
  meta.name = "name-" + uid;
  meta.namespace_ = "ns";
  meta.uid = uid;
  meta.resource_version = "1";
  meta.owners = std::move(owners);
  return meta;
}

kube::ObjectMeta going(kube::ObjectMeta meta, std::string_view finalizer) {
  meta.deleted = kube::Time();
  meta.finalizers = {std::string(finalizer)};
  return meta;
}

MetaPtr held(kube::ObjectMeta meta) { return std::make_shared<const kube::ObjectMeta>(std::move(meta)); }

std::string deleted(const Actions& actions) {
  std::string names;
  for (const auto& deletion : only<Delete>(actions)) names += deletion.uid + " ";
  return names;
}

TEST(GarbageCollector, DeletesWhatItsOwnerLeft) {
  GarbageCollector gc;
  gc.observe("pods", held(object("p", {owned_by("rs")})));
  gc.observe("replicasets.apps", held(object("rs")));
  EXPECT_TRUE(gc.decide().empty());
  gc.forget("rs");
  EXPECT_EQ(deleted(gc.decide()), "p ");
}

TEST(GarbageCollector, AsksForOwnersThatItNeverSaw) {
  GarbageCollector gc;
  gc.observe("pods", held(object("p", {owned_by("rs")})));
  EXPECT_TRUE(gc.decide().empty());
  const auto questions = gc.take_questions();
  ASSERT_EQ(questions.size(), 1U);
  EXPECT_EQ(questions[0].owner.uid, "rs");
  EXPECT_EQ(questions[0].namespace_, "ns");
  gc.forget("rs");
  EXPECT_EQ(deleted(gc.decide()), "p ");
}

TEST(GarbageCollector, KeepsWhatHasAnotherOwner) {
  GarbageCollector gc;
  gc.observe("things", held(object("a")));
  gc.observe("things", held(object("b")));
  gc.observe("pods", held(object("p", {owned_by("a"), owned_by("b")})));
  gc.forget("a");
  const auto patches = only<Patch>(gc.decide());
  ASSERT_EQ(patches.size(), 1U);
  const auto* left = kube::array_in(patches[0].merge, "metadata", "ownerReferences");
  ASSERT_EQ(left->size(), 1U);
  EXPECT_EQ(kube::text_in(left->at(0).as_object(), "uid"), "b");
}

TEST(GarbageCollector, ForegroundWaitsForThoseThatBlock) {
  GarbageCollector gc;
  gc.observe("replicasets.apps", held(object("rs")));
  gc.observe("pods", held(object("p", {owned_by("rs", true)})));
  gc.observe("replicasets.apps", held(going(object("rs"), kForegroundFinalizer)));
  EXPECT_EQ(deleted(gc.decide()), "p ");
  EXPECT_TRUE(gc.decide().empty());
  gc.forget("p");
  const auto patches = only<Patch>(gc.decide());
  ASSERT_EQ(patches.size(), 1U);
  EXPECT_EQ(patches[0].name, "name-rs");
  EXPECT_TRUE(kube::array_in(patches[0].merge, "metadata", "finalizers")->empty());
}

TEST(GarbageCollector, ForegroundGoesDownTheTree) {
  GarbageCollector gc;
  gc.observe("deployments.apps", held(object("d")));
  gc.observe("replicasets.apps", held(object("rs", {owned_by("d", true)})));
  gc.observe("pods", held(object("p", {owned_by("rs", true)})));
  gc.observe("deployments.apps", held(going(object("d"), kForegroundFinalizer)));
  const auto deletes = only<Delete>(gc.decide());
  ASSERT_EQ(deletes.size(), 1U);
  EXPECT_EQ(deletes[0].uid, "rs");
  EXPECT_EQ(deletes[0].propagation, "Foreground");
}

TEST(GarbageCollector, OrphansThenLetsGo) {
  GarbageCollector gc;
  gc.observe("replicasets.apps", held(object("rs")));
  gc.observe("pods", held(object("p", {owned_by("rs", true)})));
  gc.observe("replicasets.apps", held(going(object("rs"), kOrphanFinalizer)));
  auto patches = only<Patch>(gc.decide());
  ASSERT_EQ(patches.size(), 1U);
  EXPECT_EQ(patches[0].name, "name-p");
  gc.observe("pods", held(object("p")));
  patches = only<Patch>(gc.decide());
  ASSERT_EQ(patches.size(), 1U);
  EXPECT_EQ(patches[0].name, "name-rs");
}

TEST(GarbageCollector, CollectsTheTreeInAnyOrderOfEvents) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    std::vector<kube::ObjectMeta> objects{object("root"), object("kept")};
    for (int i = 0; i < 40; ++i) {
      const auto parent = random() % objects.size();
      objects.push_back(object(fmt::format("o{:02}", i), {owned_by(objects[parent].uid)}));
    }
    std::set<std::string> wanted;
    for (const auto& o : objects)  // parents come before their children here
      if (o.uid == "kept" || (!o.owners.empty() && wanted.contains(o.owners[0].uid))) wanted.insert(o.uid);
    std::ranges::shuffle(objects, random);
    GarbageCollector gc;
    std::set<std::string> there;
    for (const auto& o : objects) {
      gc.observe("things", held(o));
      there.insert(o.uid);
      if (random() % 5 == 0) EXPECT_TRUE(gc.decide().empty());
    }
    gc.forget("root");
    there.erase("root");
    for (int round = 0; round < 50; ++round)
      for (const auto& deletion : only<Delete>(gc.decide())) {
        EXPECT_EQ(there.erase(deletion.uid), 1U);
        gc.forget(deletion.uid);
      }
    EXPECT_EQ(there, wanted) << "seed " << seed;
    EXPECT_TRUE(gc.decide().empty());
  }
}

}  // namespace
}  // namespace podwire::control
