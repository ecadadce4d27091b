#include "client/informer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/fake_server_testing.h"
#include "client/index.h"
#include "kube/types/pod.h"

namespace podwire::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

json::object pod(std::string_view name, std::string_view revision, std::string_view uid = "u",
                 std::string_view node = "n1") {
  json::object metadata{{"name", name}, {"namespace", "d"}, {"uid", uid}, {"resourceVersion", revision}};
  return {{"metadata", std::move(metadata)}, {"spec", json::object{{"nodeName", node}}}};
}
json::object broken(std::string_view name, std::string_view revision) {
  auto out = pod(name, revision);
  out["spec"] = "none";
  return out;
}

class InformerTest : public testing::Test {
 protected:
  using Pods = Informer<kube::Pod>;

  InformerTest() {
    informer_.on_change([this](const Pods::Ptr& before, const Pods::Ptr& after) {
      const auto text = [](const Pods::Ptr& p) {
        return p ? fmt::format("{}/{}@{}", p->meta.uid, p->meta.name, p->meta.resource_version) : "-";
      };
      told_.push_back(text(before) + " " + text(after));
      const auto& any = after ? after : before;
      const auto cached = informer_.find(any->meta.namespace_, any->meta.name);
      EXPECT_TRUE(!after || cached == after) << "the cache lags behind what is told";
    });
    informer_.on_progress([this] { told_.push_back(fmt::format("seen {}", informer_.seen())); });
  }

  void list(std::vector<json::object> objects, std::uint64_t revision) {
    sink().listing();
    for (auto& object : objects) sink().listed(std::move(object));
    sink().replaced(revision);
  }
  std::vector<std::string> told() { return std::exchange(told_, {}); }
  Sink& sink() { return informer_; }

  FakeClock clock_;
  FakeServer server_{clock_};
  Api api_{server_, kube::Schema::builtin(), "podwire-test/1", clock_};
  Pods informer_{api_, {.resource = "pods"}};
  std::vector<std::string> told_;
};

TEST_F(InformerTest, FollowsItsServer) {
  EXPECT_FALSE(informer_.synced());
  list({pod("b", "2"), pod("a", "1")}, 5);
  EXPECT_TRUE(informer_.synced());
  EXPECT_THAT(told(), ElementsAre("- u/a@1", "- u/b@2", "seen 5"));
  sink().changed(pod("c", "6"), 6);
  sink().changed(pod("a", "7"), 7);
  sink().removed(pod("b", "8"), 8);
  sink().bookmark(9);
  EXPECT_THAT(told(),
              ElementsAre("- u/c@6", "seen 6", "u/a@1 u/a@7", "seen 7", "u/b@2 -", "seen 8", "seen 9"));
  EXPECT_EQ(informer_.all().size(), 2U);
  EXPECT_EQ(informer_.find("d", "b"), nullptr);
  EXPECT_EQ(informer_.find("d", "c")->spec.node_name, "n1");
}

TEST_F(InformerTest, AnotherListTellsWhatDiffers) {
  list({pod("a", "1"), pod("b", "2"), pod("c", "3"), pod("e", "4")}, 5);
  const auto kept = informer_.find("d", "a");
  told();
  list({pod("a", "1"), pod("b", "6"), pod("d", "7"), pod("e", "8", "v")}, 9);
  EXPECT_THAT(told(), ElementsAre("u/b@2 u/b@6", "u/c@3 -", "- u/d@7", "u/e@4 -", "- v/e@8", "seen 9"));
  EXPECT_EQ(informer_.find("d", "a"), kept) << "what did not change is not even read again";
}

TEST_F(InformerTest, AnUnfinishedListIsForgotten) {
  list({pod("a", "1")}, 5);
  told();
  sink().listing();
  sink().listed(pod("b", "2"));
  EXPECT_EQ(informer_.all().size(), 1U);
  list({pod("a", "1")}, 6);
  EXPECT_THAT(told(), ElementsAre("seen 6"));
}

TEST_F(InformerTest, AnotherObjectOfTheSameName) {
  list({pod("a", "1", "u")}, 5);
  told();
  sink().changed(pod("a", "6", "v"), 6);
  EXPECT_THAT(told(), ElementsAre("u/a@1 -", "- v/a@6", "seen 6"));
}

TEST_F(InformerTest, TheSameRevisionAgainIsNoChange) {
  list({pod("a", "1")}, 5);
  told();
  sink().changed(pod("a", "1"), 6);
  sink().removed(pod("z", "7"), 7);
  EXPECT_THAT(told(), ElementsAre("seen 6", "seen 7"));
}

TEST_F(InformerTest, WhatCannotBeReadIsKeptOutAndSaidOnce) {
  testing::internal::CaptureStderr();
  list({broken("a", "1"), pod("b", "2")}, 5);
  list({broken("a", "1"), pod("b", "2")}, 6);
  EXPECT_THAT(told(), ElementsAre("- u/b@2", "seen 5", "seen 6"));
  sink().changed(broken("b", "7"), 7);
  sink().changed(broken("b", "7"), 7);
  EXPECT_THAT(told(), ElementsAre("u/b@2 -", "seen 7", "seen 7"));
  EXPECT_THAT(informer_.all(), IsEmpty());
  sink().changed(pod("b", "8"), 8);
  EXPECT_THAT(told(), ElementsAre("- u/b@8", "seen 8"));
  list({broken("a", "9")}, 9);
  EXPECT_THAT(told(), ElementsAre("u/b@8 -", "seen 9"));
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::ranges::count(said, '\n'), 3) << said;
  EXPECT_THAT(said, HasSubstr("name=a revision=1 why="));
  EXPECT_THAT(said, HasSubstr("spec"));
}

TEST_F(InformerTest, Namespaces) {
  auto other = pod("a", "1");
  other["metadata"].as_object()["namespace"] = "e";
  list({std::move(other), pod("b", "2"), pod("a", "3")}, 5);
  EXPECT_EQ(informer_.in_namespace("d").size(), 2U);
  EXPECT_EQ(informer_.in_namespace("d")[0]->meta.name, "a");
  EXPECT_EQ(informer_.in_namespace("e").size(), 1U);
  EXPECT_THAT(informer_.in_namespace(""), IsEmpty());
}

TEST_F(InformerTest, Indexes) {
  Index<kube::Pod> by_node(
      informer_, [](const kube::Pod& p) { return std::vector<std::string>{p.spec.node_name, "any"}; });
  const auto names = [&](const std::string& key) {
    std::string out;
    for (const auto& p : by_node.at(key)) out += p->meta.name + "@" + p->meta.resource_version + " ";
    return out;
  };
  list({pod("b", "1"), pod("a", "2"), pod("c", "3", "u", "n2")}, 5);
  EXPECT_EQ(names("n1"), "a@2 b@1 ");
  EXPECT_EQ(names("any"), "a@2 b@1 c@3 ");
  sink().changed(pod("a", "6", "u", "n2"), 6);
  sink().changed(pod("b", "7", "v"), 7);
  EXPECT_EQ(names("n1"), "b@7 ");
  EXPECT_EQ(names("n2"), "a@6 c@3 ");
  list({}, 8);
  EXPECT_EQ(names("any") + names("n1") + names("n2"), "");
}

TEST(MetadataInformer, KeepsOnlyMetadata) {
  FakeClock clock;
  FakeServer server(clock);
  Api api(server, kube::Schema::builtin(), "podwire-test/1", clock);
  Informer<Metadata> informer(api, {.resource = "configmaps", .metadata_only = true});
  Sink& sink = informer;
  sink.listing();
  sink.listed(pod("a", "1"));
  sink.replaced(5);
  ASSERT_NE(informer.find("d", "a"), nullptr);
  EXPECT_EQ(informer.find("d", "a")->meta.uid, "u");
}

}  // namespace
}  // namespace podwire::client
