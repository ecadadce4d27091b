#include "server/store/watch.h"

#include <gmock/gmock.h>

#include "server/store/store_testing.h"

namespace podwire::server {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// "A a", "M a", "D a": the first letter of the type, and the name.
std::vector<std::string> told(const Read<std::vector<Event>>& events) {
  if (!events) return {events.error() == Unserved::expired ? "expired" : "future"};
  std::vector<std::string> out;
  for (const auto& event : *events)
    out.push_back(std::string(1, "AMD"[static_cast<int>(event.type)]) + " " + event.object->key.name);
  return out;
}

Write on_node(Write write, const std::string& node) {
  write.fields = {{"spec.nodeName", node}};
  return write;
}

struct WatchTest : ::testing::Test {
  Loop loop;
  std::unique_ptr<Store> store = open_store(loop, {.ring_events = 4});
  int woken = 0;

  std::uint64_t commit(Write write) {
    auto outcome = testing::commit(*store, loop, {std::move(write)});
    EXPECT_TRUE(outcome) << outcome.error().message;
    loop.run();
    return outcome ? outcome->at(0)->revision : 0;
  }
  std::unique_ptr<Watch> watch(Interest interest, std::uint64_t after) {
    auto made = store->watch(std::move(interest), after, [this] { ++woken; });
    EXPECT_TRUE(made);
    return made ? *std::move(made) : nullptr;
  }
};

TEST_F(WatchTest, TellsWhatHappenedSinceARevision) {
  const auto first = commit(put(pod("a"), 0, "1"));
  const auto second = commit(put(pod("a"), first, "2"));
  commit(erase(pod("a"), second));
  auto w = watch({.resource = "pods"}, first);
  auto events = w->next(10);
  ASSERT_EQ(told(events), (std::vector<std::string>{"M a", "D a"}));
  EXPECT_EQ(events->at(0).previous->revision, first);
  EXPECT_EQ(events->at(0).object->revision, second);
  EXPECT_EQ(events->at(1).previous->revision, second);
  EXPECT_EQ(events->at(1).object->revision, second + 1);
}

TEST_F(WatchTest, WakesOnceForAllThatCameSinceItWasEmptied) {
  auto w = watch({.resource = "pods"}, 1);
  commit(put(pod("a"), 0));
  EXPECT_EQ(woken, 0) << "not before it was emptied";
  EXPECT_THAT(told(w->next(10)), ElementsAre("A a"));
  EXPECT_THAT(told(w->next(10)), IsEmpty());
  commit(put(pod("b"), 0));
  commit(put(pod("c"), 0));
  EXPECT_EQ(woken, 1);
  EXPECT_THAT(told(w->next(1)), ElementsAre("A b"));
  EXPECT_THAT(told(w->next(1)), ElementsAre("A c"));
  commit(put(pod("d"), 0));
  EXPECT_EQ(woken, 1) << "as many as asked may not have been all";
  EXPECT_THAT(told(w->next(2)), ElementsAre("A d"));
  commit(put(pod("e"), 0));
  EXPECT_EQ(woken, 2);
}

TEST_F(WatchTest, OneCommitWakesAfterAllOfItCanBeRead) {
  std::vector<std::string> seen;
  std::unique_ptr<Watch> w;
  w = *store->watch({.resource = "pods"}, 1, [&] { seen = told(w->next(10)); });
  EXPECT_THAT(told(w->next(10)), IsEmpty());
  ASSERT_TRUE(testing::commit(*store, loop, {put(pod("a"), 0), put(pod("b"), 0)}));
  loop.run();
  EXPECT_THAT(seen, ElementsAre("A a", "A b"));
}

TEST_F(WatchTest, IsNotTroubledWithWhatItDidNotAskFor) {
  std::map<std::string, int> calls;
  std::map<std::string, std::unique_ptr<Watch>> watches;
  const auto add = [&](const std::string& who, Interest interest) {
    watches[who] = *store->watch(std::move(interest), 1, [&calls, who] { ++calls[who]; });
    EXPECT_THAT(told(watches[who]->next(1)), IsEmpty());
  };
  add("node-1", {.resource = "pods", .fields = {{"spec.nodeName", "n1"}}});
  add("node-2", {.resource = "pods", .fields = {{"spec.nodeName", "n2"}}});
  add("name", {.resource = "pods", .ns = "default", .name = "a"});
  add("ns", {.resource = "pods", .ns = "default"});
  add("other ns", {.resource = "pods", .ns = "other"});
  add("all", {.resource = "pods"});
  add("services", {.resource = "services"});

  commit(on_node(put(pod("b"), 0), "n1"));
  EXPECT_THAT(calls, ElementsAre(std::pair("all", 1), std::pair("node-1", 1), std::pair("ns", 1)));
  calls.clear();
  for (auto& [who, w] : watches) (void)w->next(10);
  commit(on_node(put(pod("a", "other"), 0), "n2"));
  EXPECT_THAT(calls, ElementsAre(std::pair("all", 1), std::pair("node-2", 1), std::pair("other ns", 1)));
}

TEST_F(WatchTest, HearsOfWhatLeavesAndEntersItsInterest) {
  const auto revision = commit(on_node(put(pod("a"), 0), "n1"));
  auto left = watch({.resource = "pods", .fields = {{"spec.nodeName", "n1"}}}, revision);
  auto entered = watch({.resource = "pods", .fields = {{"spec.nodeName", "n2"}}}, revision);
  EXPECT_THAT(told(left->next(1)), IsEmpty());
  EXPECT_THAT(told(entered->next(1)), IsEmpty());
  commit(on_node(put(pod("a"), revision), "n2"));
  EXPECT_EQ(woken, 2);
  EXPECT_THAT(told(left->next(2)), ElementsAre("M a"));
  EXPECT_THAT(told(entered->next(2)), ElementsAre("M a"));
}

TEST_F(WatchTest, OneThatWaitsNeverExpires) {
  auto w = watch({.resource = "pods", .ns = "default", .name = "quiet"}, 1);
  EXPECT_THAT(told(w->next(1)), IsEmpty());
  for (int i = 0; i < 20; ++i) commit(put(pod("busy-" + std::to_string(i)), 0));
  EXPECT_EQ(woken, 0);
  EXPECT_EQ(w->revision(), store->revision());
  const auto revision = commit(put(pod("quiet"), 0));
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(w->revision(), revision - 1);
  EXPECT_THAT(told(w->next(2)), ElementsAre("A quiet"));
}

TEST_F(WatchTest, OneThatLagsBehindTheRingExpires) {
  auto w = watch({.resource = "pods"}, 1);
  for (int i = 0; i < 4; ++i) commit(put(pod("a" + std::to_string(i)), 0));
  EXPECT_THAT(told(w->next(1)), ElementsAre("A a0"));
  for (int i = 4; i < 6; ++i) commit(put(pod("a" + std::to_string(i)), 0));
  EXPECT_THAT(told(w->next(1)), ElementsAre("expired"));
  EXPECT_THAT(told(w->next(1)), ElementsAre("expired"));
}

TEST_F(WatchTest, StartsOnlyWithinTheKnownPast) {
  for (int i = 0; i < 6; ++i) commit(put(pod("a" + std::to_string(i)), 0));
  EXPECT_EQ(store->watch({.resource = "pods"}, 2, [] {}).error(), Unserved::expired);
  EXPECT_TRUE(store->watch({.resource = "pods"}, 3, [] {}));
  EXPECT_TRUE(store->watch({.resource = "pods"}, 7, [] {}));
  EXPECT_EQ(store->watch({.resource = "pods"}, 8, [] {}).error(), Unserved::future);
  EXPECT_TRUE(store->watch({.resource = "services"}, 1, [] {})) << "another resource has its own past";
  store->forget(5);
  EXPECT_EQ(store->watch({.resource = "pods"}, 4, [] {}).error(), Unserved::expired);
  EXPECT_TRUE(store->watch({.resource = "pods"}, 5, [] {}));
}

TEST_F(WatchTest, BytesBoundTheRingButForTheNewestEvent) {
  store = open_store(loop, {.ring_events = 100, .ring_bytes = 4000});
  auto revision = commit(put(pod("a"), 0));
  for (int i = 0; i < 10; ++i) revision = commit(put(pod("a"), revision, std::string(1000, 'x')));
  auto stats = store->stats().at(0);
  EXPECT_LE(stats.event_bytes, 4000U);
  EXPECT_GT(stats.events, 1U);
  revision = commit(put(pod("a"), revision, std::string(9000, 'x')));
  revision = commit(put(pod("a"), revision));
  EXPECT_EQ(store->stats().at(0).events, 1U);
  auto w = watch({.resource = "pods"}, revision - 1);
  EXPECT_THAT(told(w->next(9)), ElementsAre("M a"));
}

TEST_F(WatchTest, WatchesGoAwayWhileOthersAreWoken) {
  std::vector<std::unique_ptr<Watch>> watches(3);
  int calls = 0;
  for (auto& w : watches) {
    w = *store->watch({.resource = "pods"}, 1, [&] {
      ++calls;
      for (auto& each : watches) each.reset();  // itself, too
    });
    EXPECT_THAT(told(w->next(1)), IsEmpty());
  }
  commit(put(pod("a"), 0));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(store->stats().at(0).watches, 0U);
  commit(put(pod("b"), 0));
  EXPECT_EQ(calls, 1);
}

TEST_F(WatchTest, ReadingUnaskedIsFine) {
  auto w = watch({.resource = "pods"}, 1);
  EXPECT_THAT(told(w->next(1)), IsEmpty());
  store->commit({put(pod("a"), 0)},
                [&](const Outcome&) { EXPECT_THAT(told(w->next(2)), ElementsAre("A a")); });
  store->commit({put(pod("b"), 0)},
                [&](const Outcome&) { EXPECT_THAT(told(w->next(2)), ElementsAre("A b")); });
  loop.run();
  EXPECT_THAT(told(w->next(2)), IsEmpty());
}

}  // namespace
}  // namespace podwire::server
