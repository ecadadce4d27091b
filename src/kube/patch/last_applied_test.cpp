#include "kube/patch/last_applied.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "kube/patch/apply.h"
#include "kube/patch/json_patch.h"

namespace podwire::kube {
namespace {

constexpr auto kNote = "kubectl.kubernetes.io/last-applied-configuration";

const Message& message() { return *Schema::builtin().kind("v1", "ConfigMap")->message; }
json::object object(std::string_view text) { return json::parse(text).as_object(); }

json::object noted(std::string_view config) {
  auto out = object(config);
  object_at(object_at(out, "metadata"), "annotations")[kNote] = config;
  return out;
}

json::object updated(const json::object& before, json::object after, std::string manager) {
  update_managed_fields(message(), before, after, {.manager = std::move(manager), .api_version = "v1"});
  return after;
}

Answer<json::object> applied(const json::object& live, std::string_view config, std::string manager) {
  return apply_config(message(), &live, object(config), {.manager = std::move(manager), .api_version = "v1"},
                      false);
}

/// What `kubectl apply` made of a file.
json::object client_side(std::string_view config) {
  return updated({}, noted(config), "kubectl-client-side-apply");
}

TEST(LastApplied, FieldsThatStillAreAsApplied) {
  auto live = noted(R"({"data":{"a":"1","b":"1","c":"1"},"immutable":false})");
  live["data"] = object(R"({"a":"1","b":"2"})");
  EXPECT_EQ(json::serialize(client_side_fields(message(), live).to_json()),
            R"({"f:data":{"f:a":{}},"f:immutable":{}})");
  for (const auto* nothing : {"", "x", "7", "[]", "{}", "null"}) {
    object_at(object_at(live, "metadata"), "annotations")[kNote] = nothing;
    EXPECT_TRUE(client_side_fields(message(), live).empty()) << nothing;
  }
  EXPECT_TRUE(client_side_fields(message(), {}).empty());
}

TEST(LastApplied, KubectlTakesOverWhatItSet) {
  const auto live = client_side(R"({"data":{"a":"1"}})");
  const auto got = applied(live, R"({"data":{"a":"2"}})", "kubectl");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(text_in(*got, "data", "a"), "2");
  EXPECT_EQ(text_in(*got, "metadata", "annotations", kNote), "{\"data\":{\"a\":\"2\"}}\n");
  const auto other = applied(live, R"({"data":{"a":"2"}})", "other");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().causes.front().message, R"(conflict with "kubectl-client-side-apply" using v1)");
}

TEST(LastApplied, ButNotWhatOthersChangedSince) {
  auto live = client_side(R"({"data":{"a":"1","b":"1"}})");
  auto next = live;
  next["data"] = object(R"({"a":"1","b":"2"})");
  live = updated(live, std::move(next), "editor");
  const auto got = applied(live, R"({"data":{"a":"3","b":"3"}})", "kubectl");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, R"(Apply failed with 1 conflict: conflict with "editor" using v1: .data.b)");
}

TEST(LastApplied, TheNoteIsKeptOnlyByKubectlAndOnlyWhereItIs) {
  const auto live = client_side(R"({"data":{"a":"1"}})");
  const auto by_other = applied(live, R"({"data":{"b":"2"}})", "other");
  ASSERT_TRUE(by_other);
  EXPECT_EQ(text_in(*by_other, "metadata", "annotations", kNote), R"({"data":{"a":"1"}})");
  const auto without = applied(object("{}"), R"({"data":{"b":"2"}})", "kubectl");
  ASSERT_TRUE(without);
  EXPECT_TRUE(text_in(*without, "metadata", "annotations", kNote).empty());
  auto large = noted("{}");
  note_last_applied(large, {{"data", std::string(300'000, 'x')}});
  EXPECT_EQ(text_in(large, "metadata", "annotations", kNote), "");
}

/// Request by request what kubectl sends: an apply, an apply of the note, a JSON patch that makes the fields
/// of client-side apply its own, and the apply again.
TEST(LastApplied, KubectlMovesAnObjectOver) {
  constexpr auto kConfig = R"({"data":{"b":"2"}})";
  auto live = *applied(client_side(R"({"data":{"a":"1","b":"1"}})"), kConfig, "kubectl");
  EXPECT_EQ(json::serialize(live.at("data")), R"({"a":"1","b":"2"})");
  const json::object note = {{kNote, text_in(live, "metadata", "annotations", kNote)}};
  const json::object note_config = {{"metadata", json::object{{"annotations", note}}}};
  live = *applied(live, json::serialize(note_config), "kubectl-last-applied");

  const auto patch = json::parse(R"([{"op":"replace","path":"/metadata/managedFields","value":[
      {"manager":"kubectl","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1",
       "fieldsV1":{"f:data":{".":{},"f:a":{},"f:b":{}}}},
      {"manager":"kubectl-last-applied","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1",
       "fieldsV1":{"f:metadata":{"f:annotations":{"f:kubectl.kubernetes.io/last-applied-configuration":{}}}}}]}])");
  auto patched = apply_json_patch(live, patch);
  ASSERT_TRUE(patched);
  live = updated(live, std::move(patched->as_object()), "kubectl");
  EXPECT_EQ(live.at("metadata").at("managedFields").as_array().size(), 2U);

  live = *applied(live, kConfig, "kubectl");
  EXPECT_EQ(json::serialize(live.at("data")), R"({"b":"2"})");
  EXPECT_FALSE(text_in(live, "metadata", "annotations", kNote).empty());
  const auto again = applied(live, kConfig, "kubectl");
  ASSERT_TRUE(again);
  EXPECT_EQ(json::serialize(*again), json::serialize(live));
}

}  // namespace
}  // namespace podwire::kube
