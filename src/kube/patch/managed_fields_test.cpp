#include "kube/patch/managed_fields.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

const Message& message_of(std::string_view kind) {
  return *Schema::builtin().kind(kind == "Deployment" ? "apps/v1" : "v1", kind)->message;
}

json::object object(std::string_view text) { return json::parse(text).as_object(); }

Writer writer(std::string manager, int second = 0, std::string subresource = {}) {
  return {.manager = std::move(manager),
          .subresource = std::move(subresource),
          .api_version = "v1",
          .now = std::chrono::sys_seconds(std::chrono::seconds(second))};
}

/// `after` with its owners.
json::object written(std::string_view kind, const json::object& before, json::object after,
                     const Writer& by) {
  update_managed_fields(message_of(kind), before, after, by);
  return after;
}

/// "manager/subresource: fields" line by line.
std::string owners(const json::object& object) {
  std::string out;
  const auto* list = array_in(object, "metadata", "managedFields");
  if (list == nullptr) return out;
  for (const auto& entry : *list) {
    const auto& e = entry.as_object();
    const auto sub = text_in(e, "subresource");
    out += fmt::format("{}{}{}: {}\n", text_in(e, "manager"), sub.empty() ? "" : "/", sub,
                       json::serialize(e.at("fieldsV1")));
  }
  return out;
}

std::string created(std::string_view kind, std::string_view text) {
  return owners(written(kind, {}, object(text), writer("m")));
}

TEST(ManagedFields, WholeEntry) {
  const auto got = written("ConfigMap", {}, object(R"({"data":{"a":"1"}})"), writer("m", 3661, "status"));
  EXPECT_EQ(json::serialize(got.at("metadata").at("managedFields")),
            R"([{"manager":"m","operation":"Update","apiVersion":"v1","time":"1970-01-01T01:01:01Z",)"
            R"("fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:a":{}}},"subresource":"status"}])");
}

TEST(ManagedFields, CreateOwnsAllBySchema) {
  EXPECT_EQ(
      created("Pod", R"({"spec":{"containers":[{"name":"a","args":["1"],"ports":[{"containerPort":80}]}],
                               "nodeSelector":{"x":"y"}}})"),
      R"(m: {"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:args":{},"f:name":{},)"
      R"("f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}},)"
      R"("f:nodeSelector":{}}})"
      "\n");
  EXPECT_EQ(created("ConfigMap", R"({"metadata":{"finalizers":["b","a"]}})"),
            R"(m: {"f:metadata":{"f:finalizers":{".":{},"v:\"a\"":{},"v:\"b\"":{}}}})"
            "\n");
  EXPECT_EQ(created("Deployment", R"({"spec":{"selector":{"matchLabels":{"a":"b"}}}})"),
            R"(m: {"f:spec":{"f:selector":{}}})"
            "\n");
}

TEST(ManagedFields, ServersOwnFieldsHaveNoOwner) {
  EXPECT_EQ(created("ConfigMap",
                    R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"n","namespace":"s","uid":"u",
                        "resourceVersion":"1","generation":1,"creationTimestamp":"t",
                        "deletionTimestamp":"t","deletionGracePeriodSeconds":1,"selfLink":"l",
                        "managedFields":[{"manager":"liar"}]}})"),
            "");
}

TEST(ManagedFields, UnnamedWriterIsUnknown) {
  EXPECT_EQ(owners(written("ConfigMap", {}, object(R"({"immutable":true})"), writer(""))),
            "unknown: {\"f:immutable\":{}}\n");
}

TEST(ManagedFields, ChangeMovesOwnership) {
  const auto first = written("ConfigMap", {}, object(R"({"data":{"a":"1","b":"2"}})"), writer("x", 1));
  const auto second =
      written("ConfigMap", first, object(R"({"data":{"a":"1","b":"3","c":"4"}})"), writer("y", 2));
  EXPECT_EQ(owners(second),
            "x: {\"f:data\":{\".\":{},\"f:a\":{}}}\n"
            "y: {\"f:data\":{\"f:b\":{},\"f:c\":{}}}\n");
  const auto third = written("ConfigMap", second, object(R"({"data":{"b":"3"}})"), writer("x", 3));
  EXPECT_EQ(owners(third),
            "x: {\"f:data\":{}}\n"
            "y: {\"f:data\":{\"f:b\":{}}}\n");
  const auto fourth = written("ConfigMap", third, object(R"({})"), writer("z", 4));
  EXPECT_EQ(owners(fourth), "");
}

TEST(ManagedFields, NoChangeKeepsTheList) {
  const auto first = written("ConfigMap", {}, object(R"({"data":{"a":"1"}})"), writer("x", 1));
  auto same =
      object(R"({"data":{"a":"1"},"metadata":{"resourceVersion":"9","managedFields":[{"manager":"q"}]}})");
  EXPECT_EQ(written("ConfigMap", first, same, writer("y", 2)).at("metadata").at("managedFields"),
            first.at("metadata").at("managedFields"));
}

TEST(ManagedFields, NullIsNotThere) {
  const auto first = written("ConfigMap", {}, object(R"({"data":null,"immutable":true})"), writer("x"));
  EXPECT_EQ(owners(first), "x: {\"f:immutable\":{}}\n");
  EXPECT_EQ(owners(written("ConfigMap", first, object(R"({"immutable":null})"), writer("y"))), "");
}

TEST(ManagedFields, KeyedElementsFollowTheirKeys) {
  const auto first = written("Pod", {}, object(R"({"spec":{"containers":[{"name":"a","image":"1"},
                                                  {"name":"b","image":"2"}]}})"),
                             writer("x", 1));
  const auto second = written("Pod", first, object(R"({"spec":{"containers":[{"name":"c"},
                                                     {"name":"b","image":"3"}]}})"),
                              writer("y", 2));
  EXPECT_EQ(owners(second),
            "x: {\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"b\\\"}\":{\".\":{},\"f:name\":{}}}}}\n"
            "y: {\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"b\\\"}\":{\"f:image\":{}},"
            "\"k:{\\\"name\\\":\\\"c\\\"}\":{\".\":{},\"f:name\":{}}}}}\n");
}

TEST(ManagedFields, ReorderingChangesNoOwner) {
  const auto first = written("Pod", {}, object(R"({"metadata":{"finalizers":["a","b"]},
      "spec":{"containers":[{"name":"a"},{"name":"b"}]}})"),
                             writer("x", 1));
  const auto second = written("Pod", first, object(R"({"metadata":{"finalizers":["b","a"]},
      "spec":{"containers":[{"name":"b"},{"name":"a"}]}})"),
                              writer("y", 2));
  EXPECT_EQ(owners(second), owners(first));
}

TEST(ManagedFields, AtomicListsAreOwnedWhole) {
  const auto first = written("Pod", {}, object(R"({"spec":{"containers":[{"name":"a","args":["1","2"]}]}})"),
                             writer("x", 1));
  const auto second =
      written("Pod", first, object(R"({"spec":{"containers":[{"name":"a","args":["1"]}]}})"), writer("y", 2));
  EXPECT_EQ(owners(second),
            "x: {\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\".\":{},\"f:name\":{}}}}}\n"
            "y: {\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"a\\\"}\":{\"f:args\":{}}}}}\n");
}

TEST(ManagedFields, SubresourcesAreWritersOfTheirOwn) {
  const auto first = written("Pod", {}, object(R"({"spec":{"hostname":"h"}})"), writer("x", 1));
  const auto second =
      written("Pod", first, object(R"({"spec":{"hostname":"h"},"status":{"phase":"Running"}})"),
              writer("x", 2, "status"));
  EXPECT_EQ(owners(second),
            "x: {\"f:spec\":{\"f:hostname\":{}}}\nx/status: {\"f:status\":{\"f:phase\":{}}}\n");
}

TEST(ManagedFields, AnEmptyListForgets) {
  const auto first = written("ConfigMap", {}, object(R"({"data":{"a":"1"}})"), writer("x", 1));
  for (const auto* clearing : {R"({"data":{"a":"2"},"metadata":{"managedFields":[]}})",
                               R"({"data":{"a":"2"},"metadata":{"managedFields":[{}]}})"})
    EXPECT_EQ(owners(written("ConfigMap", first, object(clearing), writer("y", 2))), "");
}

TEST(ManagedFields, AfterThatNobodyIsWrittenDown) {
  EXPECT_EQ(owners(written("ConfigMap", object(R"({"data":{"a":"1"}})"), object(R"({"data":{"a":"2"}})"),
                           writer("y", 2))),
            "");
}

constexpr auto kMoved = R"({"data":{"a":"1","b":"1"},"metadata":{"managedFields":[
    {"manager":"k","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:a":{}}}}]}})";

TEST(ManagedFields, AClientMayRewriteThem) {
  const auto first = written("ConfigMap", {}, object(R"({"data":{"a":"1"}})"), writer("x", 1));
  EXPECT_EQ(owners(written("ConfigMap", first, object(kMoved), writer("y", 2))),
            "k: {\"f:data\":{\"f:a\":{}}}\ny: {\"f:data\":{\"f:b\":{}}}\n");
  auto unchanged = object(kMoved);
  unchanged["data"].as_object().erase("b");
  EXPECT_EQ(owners(written("ConfigMap", first, unchanged, writer("y", 2))), "k: {\"f:data\":{\"f:a\":{}}}\n");
}

TEST(ManagedFields, ButNotThroughASubresource) {
  const auto first = written("ConfigMap", {}, object(R"({"data":{"a":"1"}})"), writer("x", 1));
  EXPECT_EQ(owners(written("ConfigMap", first, object(kMoved), writer("y", 2, "status"))),
            "x: {\"f:data\":{\".\":{},\"f:a\":{}}}\ny/status: {\"f:data\":{\"f:b\":{}}}\n");
}

TEST(ManagedFields, UnsoundListsAreNotLookedAt) {
  const auto first = written("ConfigMap", {}, object(R"({"data":{"a":"1"}})"), writer("x", 1));
  const auto sound = object(kMoved).at("metadata").at("managedFields").as_array()[0].as_object();
  for (const auto* change :
       {R"({"manager":""})", R"({"manager":7})", R"({"operation":"Steal"})", R"({"operation":null})",
        R"({"fieldsType":"FieldsV2"})", R"({"fieldsV1":7})", R"({"fieldsV1":{"data":{}}})",
        R"({"fieldsV1":{"f:data":{"x":{}}}})", R"({"fieldsV1":{"f:data":[]}})"}) {
    auto entry = sound;
    for (const auto& [key, value] : object(change)) entry[key] = value;
    auto after = object(R"({"data":{"a":"1"}})");
    object_at(after, "metadata")["managedFields"] = json::array{sound, entry};
    EXPECT_EQ(owners(written("ConfigMap", first, after, writer("y", 2))), owners(first)) << change;
  }
}

TEST(ManagedFields, OldUpdatersAreFolded) {
  json::object live = object("{}");
  for (int i = 0; i < 15; ++i) {
    auto next = live;
    object_at(next, "data")[fmt::format("k{:02}", i)] = "v";
    live = written("ConfigMap", live, std::move(next), writer(fmt::format("m{:02}", i), i));
  }
  const auto& list = live.at("metadata").at("managedFields").as_array();
  EXPECT_EQ(list.size(), 11U);
  EXPECT_EQ(text_in(list.front().as_object(), "manager"), "ancient-changes");
  EXPECT_EQ(list.front().at("fieldsV1").at("f:data").as_object().size(), 6U);
}

TEST(ManagedFieldsNasty, OddShapesAreOwnedWhole) {
  for (const auto* text : {R"({"spec":[]})", R"({"spec":7})", R"({"spec":{"containers":{}}})",
                           R"({"spec":{"containers":[1]}})", R"({"spec":{"containers":[{"name":{}}]}})",
                           R"({"metadata":{"finalizers":[[1]]}})", R"({"metadata":{"labels":"x"}})"}) {
    const auto first = written("Pod", {}, object(text), writer("x", 1));
    EXPECT_NE(owners(first), "") << text;
    EXPECT_EQ(owners(written("Pod", first, object("{}"), writer("y", 2))), "") << text;
    const auto sound = written("Pod", {}, object(R"({"spec":{"containers":[{"name":"a"}]},
        "metadata":{"labels":{},"finalizers":["a"]}})"),
                               writer("x"));
    EXPECT_NE(owners(written("Pod", sound, object(text), writer("y", 2))).find("y:"), std::string::npos)
        << text;
  }
  EXPECT_EQ(owners(written("Pod", object(R"({"metadata":{"managedFields":[1,{"fieldsV1":2},
                {"manager":"x","operation":"Update","fieldsV1":{"f:a":{},"f:b":7}}]}})"),
                           object(R"({"spec":{"hostname":"h"}})"), writer("y"))),
            "x: {\"f:a\":{}}\ny: {\"f:spec\":{\"f:hostname\":{}}}\n");
}

}  // namespace
}  // namespace podwire::kube
