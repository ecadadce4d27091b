#include "server/store/store.h"

#include <gmock/gmock.h>

#include "server/store/store_testing.h"

namespace podwire::server {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct StoreTest : ::testing::Test {
  Loop loop;
  std::unique_ptr<Store> store = open_store(loop);

  Outcome commit(std::vector<Write> writes) { return testing::commit(*store, loop, std::move(writes)); }
  ObjectPtr must(Write write) {
    auto outcome = commit({std::move(write)});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? outcome->at(0) : nullptr;
  }
};

TEST_F(StoreTest, IsEmptyAtItsFirstRevision) {
  EXPECT_EQ(store->revision(), 1U);
  EXPECT_EQ(store->get(pod("a")), nullptr);
  auto page = store->list({.resource = "pods"});
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->items.empty());
  EXPECT_EQ(page->revision, 1U);
}

TEST_F(StoreTest, AnObjectIsEncodedWithItsRevisionAndKeepsTheOrderOfItsKeys) {
  auto object = must(put(pod("a"), 0, "x"));
  EXPECT_EQ(object->json,
            R"({"kind":"Test","metadata":{"name":"a","resourceVersion":"2"},"spec":{"text":"x"}})");
  EXPECT_EQ(object->revision, 2U);
  EXPECT_EQ(object->created, 2U);
  EXPECT_EQ(store->get(pod("a")), object);
  EXPECT_EQ(store->revision(), 2U);

  auto next = must(put(pod("a"), 2, "y"));
  EXPECT_EQ(next->revision, 3U);
  EXPECT_EQ(next->created, 2U);
}

TEST_F(StoreTest, LabelsAndFieldsAreSorted) {
  auto write = put(pod("a"), 0);
  write.labels = {{"b", "2"}, {"a", "1"}};
  write.fields = {{"z", "2"}, {"y", "1"}};
  auto object = must(std::move(write));
  EXPECT_THAT(object->labels, ElementsAre(std::pair("a", "1"), std::pair("b", "2")));
  EXPECT_THAT(object->fields, ElementsAre(std::pair("y", "1"), std::pair("z", "2")));
}

TEST_F(StoreTest, TheLastStateOfADeletedObjectHasTheRevisionOfItsDeletion) {
  must(put(pod("a"), 0, "x"));
  auto last = must(erase(pod("a"), 2));
  EXPECT_EQ(last->revision, 3U);
  EXPECT_THAT(last->json, HasSubstr(R"("resourceVersion":"3")"));
  EXPECT_THAT(last->json, HasSubstr(R"("text":"x")"));
  EXPECT_EQ(store->get(pod("a")), nullptr);
}

TEST_F(StoreTest, RefusesWhatTheWriterHasNotSeen) {
  const Key key{.resource = "deployments.apps", .ns = "default", .name = "web"};
  must(put(key, 0));
  struct Case {
    Write write;
    int code;
    std::string message;
  };
  const std::vector<Case> cases = {
      {put(key, 0), 409, R"(deployments.apps "web" already exists)"},
      {put(key, 1), 409,
       R"(Operation cannot be fulfilled on deployments.apps "web": the object has been modified; )"
       "please apply your changes to the latest version and try again"},
      {erase(key, 1), 409, "Operation cannot be fulfilled on"},
      {put(pod("none"), 7), 404, R"(pods "none" not found)"},
      {erase(pod("none"), 7), 404, R"(pods "none" not found)"},
      {erase(pod("none"), 0), 404, R"(pods "none" not found)"},
  };
  for (const auto& [write, code, message] : cases) {
    auto outcome = commit({write});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, code);
    EXPECT_THAT(outcome.error().message, HasSubstr(message));
  }
  EXPECT_EQ(store->revision(), 2U);
}

TEST_F(StoreTest, ACommitIsAllOrNothing) {
  must(put(pod("a"), 0));
  ASSERT_FALSE(commit({put(pod("b"), 0), put(pod("a"), 0), put(pod("c"), 0)}));
  EXPECT_EQ(store->get(pod("b")), nullptr);
  EXPECT_EQ(store->get(pod("c")), nullptr);
  EXPECT_EQ(store->revision(), 2U);

  auto both = commit({put(pod("b"), 0), erase(pod("a"), 2)});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->at(0)->revision, 3U);
  EXPECT_EQ(both->at(1)->revision, 4U);
  EXPECT_EQ(store->get(pod("a")), nullptr);
}

TEST_F(StoreTest, OneCommitWritesAnObjectOnce) {
  auto outcome = commit({put(pod("a"), 0), put(pod("a"), 0)});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, 500);
}

TEST_F(StoreTest, WhatIsOnItsWayIsNotReadButCounts) {
  std::vector<std::string> told;
  store->commit({put(pod("a"), 0)}, [&](const Outcome& outcome) {
    ASSERT_TRUE(outcome);
    told.emplace_back("created");
  });
  EXPECT_EQ(store->get(pod("a")), nullptr);
  EXPECT_EQ(store->revision(), 1U);
  EXPECT_EQ(store->in_flight(), 1U);
  store->commit({put(pod("a"), 0)}, [&](const Outcome& outcome) {
    ASSERT_FALSE(outcome);
    told.emplace_back(outcome.error().reason);
    EXPECT_NE(store->get(pod("a")), nullptr) << "who reads again must see what it lost against";
  });
  store->commit({put(pod("a"), 2)}, [&](const Outcome& outcome) {
    ASSERT_TRUE(outcome);
    told.emplace_back("replaced");
  });
  store->commit({erase(pod("a"), 3)}, [&](const Outcome& outcome) {
    ASSERT_TRUE(outcome);
    told.emplace_back("deleted");
  });
  store->commit({put(pod("a"), 0)}, [&](const Outcome& outcome) {
    ASSERT_TRUE(outcome);
    told.emplace_back("created");
  });
  EXPECT_TRUE(told.empty());
  loop.run();
  EXPECT_THAT(told, ElementsAre("created", "AlreadyExists", "replaced", "deleted", "created"));
  EXPECT_EQ(store->get(pod("a"))->revision, 5U);
  EXPECT_EQ(store->get(pod("a"))->created, 5U);
  EXPECT_EQ(store->in_flight(), 0U);
}

TEST_F(StoreTest, WhatIsOnItsWayCountsUntilTheLastOfIt) {
  std::optional<Outcome> late;
  store->commit({put(pod("a"), 0)}, [&](const Outcome&) {
    EXPECT_EQ(store->get(pod("a"))->revision, 2U);
    store->commit({put(pod("a"), 2)}, [&](Outcome outcome) { late = std::move(outcome); });
  });
  store->commit({put(pod("a"), 2)}, [&](const Outcome& outcome) { EXPECT_TRUE(outcome); });
  loop.run();
  ASSERT_TRUE(late);
  EXPECT_EQ(late->error().code, 409);
}

TEST_F(StoreTest, GoesAwayFromWithinACallback) {
  int called = 0;
  store->commit({put(pod("a"), 0)}, [&](const Outcome&) {
    ++called;
    store.reset();
  });
  store->commit({put(pod("b"), 0)}, [&](const Outcome&) { ++called; });
  loop.run();
  EXPECT_EQ(called, 1);
}

TEST_F(StoreTest, CountsWhatItHolds) {
  must(put(pod("a"), 0));
  must(put(pod("b"), 0));
  must(put({.resource = "nodes", .ns = "", .name = "n"}, 0));
  must(erase(pod("b"), 3));
  auto watch = store->watch({.resource = "pods"}, 1, [] {});
  const auto stats = store->stats();
  ASSERT_EQ(stats.size(), 2U);
  EXPECT_EQ(stats[0].resource, "nodes");
  EXPECT_EQ(stats[1].resource, "pods");
  EXPECT_EQ(stats[1].objects, 1U);
  EXPECT_EQ(stats[1].bytes, bytes_of(*store->get(pod("a"))));
  EXPECT_EQ(stats[1].events, 3U);
  EXPECT_GT(stats[1].event_bytes, 0U);
  EXPECT_EQ(stats[1].watches, 1U);
  EXPECT_EQ(stats[1].oldest, 1U);
}

}  // namespace
}  // namespace podwire::server
