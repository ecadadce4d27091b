#include "server/registry_testing.h"
#include "server/selection.h"
#include "server/watch_stream.h"

namespace podwire::server {
namespace {

using kube::text_in;

/// Events by either of their resources.
class EventViewTest : public RegistryTest {
 protected:
  static const kube::Resource& core() { return *kube::Schema::builtin().kind("v1", "Event"); }
  static const kube::Resource& events() { return *kube::Schema::builtin().kind("events.k8s.io/v1", "Event"); }

  kube::Answer<Written> make(const kube::Resource& resource, std::string_view text) {
    return wait(
        registry_->create(resource, {"default", ""}, json::parse(text).as_object(), {.manager = "test"}, {}));
  }
  json::object read(const kube::Resource& as, std::string name) {
    const auto found = registry_->find(as, {"default", std::move(name)});
    if (!found) return {};
    return json::parse(Encoding{.resource = &as}.object(*found, now_)).as_object();
  }
  std::size_t count(const kube::Resource& as, std::string selector) {
    ListOptions options;
    options.field_selector = std::move(selector);
    const auto selection = selection_of(as, "default", options);
    EXPECT_TRUE(selection.has_value());
    const auto page = store_->list({.resource = selection->resource,
                                    .ns = selection->ns,
                                    .after = std::nullopt,
                                    .matches = [&](const Object& o) { return selection->matches(o); }});
    return page->items.size();
  }

  static constexpr std::string_view kCore =
      R"({"metadata":{"name":"a"},"involvedObject":{"kind":"Pod","namespace":"default","name":"p"},
          "reason":"Pulled","message":"done","type":"Normal","source":{"component":"kubelet","host":"n1"},
          "firstTimestamp":"2025-11-23T12:00:00Z","lastTimestamp":"2025-11-23T12:00:00Z","count":3})";
  static constexpr std::string_view kEvents =
      R"({"metadata":{"name":"b"},"regarding":{"kind":"Pod","namespace":"default","name":"p"},
          "reason":"Pulled","note":"done","type":"Normal","action":"Pull","eventTime":"2025-11-23T12:00:00.000000Z",
          "reportingController":"kubelet","reportingInstance":"n1"})";
};

TEST_F(EventViewTest, WhatOneViewWritesTheOtherReads) {
  ASSERT_TRUE(make(core(), kCore).has_value());
  const auto made = make(events(), kEvents);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  const auto a = read(events(), "a");
  EXPECT_EQ(text_in(a, "apiVersion"), "events.k8s.io/v1");
  EXPECT_EQ(text_in(a, "regarding", "name"), "p");
  EXPECT_EQ(text_in(a, "note"), "done");
  EXPECT_EQ(text_in(a, "deprecatedSource", "host"), "n1");
  EXPECT_EQ(a.at("deprecatedCount"), 3);
  EXPECT_EQ(a.contains("involvedObject"), false);
  const auto b = read(core(), "b");
  EXPECT_EQ(text_in(b, "apiVersion"), "v1");
  EXPECT_EQ(text_in(b, "involvedObject", "name"), "p");
  EXPECT_EQ(text_in(b, "reportingComponent"), "kubelet");
  EXPECT_EQ(
      make(events(), R"({"metadata":{"name":"a"},"eventTime":"2025-11-23T12:00:00.000000Z"})").error().reason,
      "AlreadyExists");
}

TEST_F(EventViewTest, BothAreSelectedByTheirOwnNames) {
  ASSERT_TRUE(make(core(), kCore).has_value());
  ASSERT_TRUE(make(events(), kEvents).has_value());
  EXPECT_EQ(count(core(), "involvedObject.name=p"), 2U);
  EXPECT_EQ(count(events(), "regarding.name=p"), 2U);
  EXPECT_EQ(count(events(), "regarding.name=q"), 0U);
  EXPECT_EQ(count(core(), "reportingComponent=kubelet"), 1U);
  EXPECT_EQ(count(events(), "reportingController=kubelet,reason=Pulled,type!=Warning"), 1U);
  EXPECT_EQ(count(core(), "source=kubelet"), 1U);
  ListOptions options;
  options.field_selector = "regarding.name=p";
  EXPECT_EQ(selection_of(core(), "default", options).error().code, 400);
}

TEST_F(EventViewTest, AnUpdateByOneViewKeepsWhatTheOtherOwns) {
  ASSERT_TRUE(make(core(), kCore).has_value());
  const auto written = wait(registry_->update(events(), {"default", "a"}, "",
                                              [](const json::object* live) -> kube::Answer<json::object> {
                                                auto out = *live;
                                                EXPECT_TRUE(out.contains("regarding"));
                                                out["deprecatedCount"] = 4;
                                                return out;
                                              },
                                              {.manager = "other"}, {}));
  ASSERT_TRUE(written.has_value()) << written.error().message;
  const auto a = read(core(), "a");
  EXPECT_EQ(a.at("count"), 4);
  const auto& owners = a.at("metadata").at("managedFields").as_array();
  ASSERT_EQ(owners.size(), 2U);
  for (const auto& owner : owners) {
    EXPECT_EQ(owner.at("apiVersion"), "v1");
    const bool counts = owner.at("fieldsV1").as_object().contains("f:count");
    EXPECT_EQ(counts, owner.at("manager") == "other");
  }
}

TEST_F(EventViewTest, AWatchOfOneViewTellsOfTheOther) {
  ListOptions options;
  options.initial_events = true;
  auto stream = WatchStream::open(*store_, Encoding{.resource = &events()},
                                  *selection_of(events(), "default", options), options, [] {});
  ASSERT_TRUE(stream.has_value());
  std::string out;
  ASSERT_TRUE((*stream)->fill(out, 1 << 20, now_));
  EXPECT_EQ(out, "");
  ASSERT_TRUE(make(core(), kCore).has_value());
  ASSERT_TRUE((*stream)->fill(out, 1 << 20, now_));
  const auto event = json::parse(out).as_object();
  EXPECT_EQ(text_in(event, "type"), "ADDED");
  EXPECT_EQ(text_in(event, "object", "regarding", "name"), "p");
}

}  // namespace
}  // namespace podwire::server
