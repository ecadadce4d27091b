#include <gmock/gmock.h>

#include "server/store/store.h"
#include "server/store/store_testing.h"

namespace podwire::server {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> names(const Read<Page>& page) {
  std::vector<std::string> out;
  if (!page) return {page.error() == Unserved::expired ? "expired" : "future"};
  for (const auto& item : page->items) out.push_back(item->key.ns + "/" + item->key.name);
  return out;
}

struct ListTest : ::testing::Test {
  Loop loop;
  std::unique_ptr<Store> store = open_store(loop, {.ring_events = 4});

  void SetUp() override {
    ASSERT_TRUE(commit({put(pod("a", "x"), 0), put(pod("b", "x"), 0), put(pod("c", "x"), 0),
                        put(pod("a", "y"), 0), put(pod("a", ""), 0)}));
  }
  Outcome commit(std::vector<Write> writes) { return testing::commit(*store, loop, std::move(writes)); }
};

TEST_F(ListTest, IsOrderedByNamespaceAndName) {
  auto page = store->list({.resource = "pods"});
  EXPECT_THAT(names(page), ElementsAre("/a", "x/a", "x/b", "x/c", "y/a"));
  EXPECT_EQ(page->revision, 6U);
  EXPECT_FALSE(page->more);
  EXPECT_THAT(names(store->list({.resource = "pods", .ns = "x"})), ElementsAre("x/a", "x/b", "x/c"));
  EXPECT_THAT(names(store->list({.resource = "pods", .ns = "w"})), IsEmpty());
  EXPECT_THAT(names(store->list({.resource = "services"})), IsEmpty());
}

TEST_F(ListTest, PagesSayWhatRemains) {
  auto page = store->list({.resource = "pods", .limit = 2});
  EXPECT_THAT(names(page), ElementsAre("/a", "x/a"));
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->remaining, 3U);
  page = store->list({.resource = "pods", .after = {{"x", "a"}}, .revision = 6, .limit = 3});
  EXPECT_THAT(names(page), ElementsAre("x/b", "x/c", "y/a"));
  EXPECT_FALSE(page->more);
  EXPECT_EQ(page->remaining, 0U);
}

TEST_F(ListTest, ALimitCountsWhatMatches) {
  const auto is_a = [](const Object& object) { return object.key.name == "a"; };
  auto page = store->list({.resource = "pods", .limit = 2, .matches = is_a});
  EXPECT_THAT(names(page), ElementsAre("/a", "x/a"));
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->remaining, 0U);
  page = store->list({.resource = "pods", .after = {{"x", "a"}}, .limit = 1, .matches = is_a});
  EXPECT_THAT(names(page), ElementsAre("y/a"));
  EXPECT_FALSE(page->more);
}

TEST_F(ListTest, AllPagesAreOfOneRevision) {
  ASSERT_TRUE(commit({erase(pod("a", "y"), 5), put(pod("bb", "x"), 0), put(pod("b", "x"), 3, "new"),
                      put(pod("z", "z"), 0)}));
  auto page = store->list({.resource = "pods", .after = {{"x", "a"}}, .revision = 6});
  EXPECT_THAT(names(page), ElementsAre("x/b", "x/c", "y/a"));
  EXPECT_EQ(page->items.at(0)->revision, 3U);
  EXPECT_EQ(page->items.at(2)->revision, 5U);
  EXPECT_EQ(page->revision, 6U);
  EXPECT_THAT(names(store->list({.resource = "pods", .ns = "y", .revision = 6})), ElementsAre("y/a"));
  // In the middle of a commit is as good as any.
  EXPECT_THAT(names(store->list({.resource = "pods", .revision = 8})),
              ElementsAre("/a", "x/a", "x/b", "x/bb", "x/c"));
  EXPECT_THAT(names(store->list({.resource = "pods"})),
              ElementsAre("/a", "x/a", "x/b", "x/bb", "x/c", "z/z"));
}

TEST_F(ListTest, AForgottenRevisionIsExpiredAndOneToComeIsFuture) {
  EXPECT_THAT(names(store->list({.resource = "pods", .revision = 1})), ElementsAre("expired"));
  EXPECT_THAT(names(store->list({.resource = "pods", .revision = 2})), ElementsAre("x/a"));
  EXPECT_THAT(names(store->list({.resource = "pods", .revision = 7})), ElementsAre("future"));
  store->forget(6);
  EXPECT_THAT(names(store->list({.resource = "pods", .revision = 5})), ElementsAre("expired"));
  EXPECT_EQ(names(store->list({.resource = "pods", .revision = 6})).size(), 5U);
}

}  // namespace
}  // namespace podwire::server
