#include "server/query.h"

#include <gtest/gtest.h>

namespace podwire::server {
namespace {

TEST(ListOptions, KubectlsWatchList) {
  const auto o = list_options({{"watch", "true"},
                               {"sendInitialEvents", "true"},
                               {"resourceVersionMatch", "NotOlderThan"},
                               {"allowWatchBookmarks", "true"}});
  ASSERT_TRUE(o.has_value());
  EXPECT_TRUE(o->watch && o->initial_events && o->marks_their_end && o->bookmarks);
}

TEST(ListOptions, AWatchFromNowhereStartsWithWhatIsThereButDoesNotMarkIt) {
  for (const Query& q : {Query{{"watch", "1"}}, Query{{"watch", "1"}, {"resourceVersion", "0"}}}) {
    const auto o = list_options(q);
    ASSERT_TRUE(o.has_value());
    EXPECT_TRUE(o->initial_events);
    EXPECT_FALSE(o->marks_their_end);
  }
  EXPECT_FALSE(list_options({{"watch", "1"}, {"resourceVersion", "7"}})->initial_events);
}

void refused(const Query& query, int code, std::string_view words) {
  const auto o = list_options(query);
  ASSERT_FALSE(o.has_value());
  EXPECT_EQ(o.error().code, code);
  EXPECT_NE(o.error().message.find(words), std::string::npos) << o.error().message;
}

TEST(ListOptions, CombinationsWithoutMeaning) {
  refused({{"resourceVersionMatch", "Exact"}}, 422, "forbidden unless resourceVersion is provided");
  refused({{"resourceVersionMatch", "Exact"}, {"resourceVersion", "0"}}, 422,
          "forbidden for resourceVersion \"0\"");
  refused({{"resourceVersionMatch", "Exact"}, {"resourceVersion", "5"}, {"continue", "x"}}, 422,
          "when continue is provided");
  refused({{"sendInitialEvents", "true"}}, 422, "forbidden for list");
  refused({{"watch", "1"}, {"sendInitialEvents", "true"}}, 422,
          "requires setting resourceVersionMatch to NotOlderThan");
  refused({{"watch", "1"}, {"resourceVersionMatch", "NotOlderThan"}}, 422, "forbidden for watch unless");
  refused({{"resourceVersionMatch", "Newest"}, {"resourceVersion", "5"}}, 422, "supported values: \"Exact\"");
}

TEST(ListOptions, ValuesThatCannotBeRead) {
  refused({{"limit", "many"}}, 400, "limit");
  refused({{"limit", "-1"}}, 400, "limit");
  refused({{"resourceVersion", "abc"}}, 400, "resourceVersion");
  refused({{"watch", "perhaps"}}, 400, "watch");
}

TEST(WriteOptions, AreRead) {
  const auto o = write_options(
      {{"dryRun", "All"}, {"fieldManager", "kubectl"}, {"fieldValidation", "Strict"}, {"force", "true"}});
  ASSERT_TRUE(o.has_value());
  EXPECT_TRUE(o->dry_run && o->force);
  EXPECT_EQ(o->field_manager, "kubectl");
  EXPECT_EQ(o->field_validation, kube::FieldValidation::strict);
  EXPECT_EQ(write_options({})->field_validation, kube::FieldValidation::warn);
}

TEST(WriteOptions, BadValuesAreRefused) {
  EXPECT_EQ(write_options({{"dryRun", "Some"}}).error().code, 422);
  EXPECT_EQ(write_options({{"fieldValidation", "Maybe"}}).error().code, 422);
  EXPECT_EQ(write_options({{"fieldManager", std::string(129, 'x')}}).error().code, 422);
  EXPECT_EQ(write_options({{"force", "x"}}).error().code, 400);
}

}  // namespace
}  // namespace podwire::server
