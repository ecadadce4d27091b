#include "kube/patch/apply.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <random>

namespace podwire::kube {
namespace {

const Message& message_of(std::string_view kind) {
  return *Schema::builtin().kind(kind == "Deployment" ? "apps/v1" : "v1", kind)->message;
}

json::object object(std::string_view text) { return json::parse(text).as_object(); }

/// One object that several write, each write a second after the one before.
class Applying {
 public:
  explicit Applying(std::string_view kind) : message_(&message_of(kind)) {}

  Answer<json::object> apply(std::string manager, std::string_view config, bool force = false) {
    auto got =
        apply_config(*message_, live_ ? &*live_ : nullptr, object(config), writer(std::move(manager)), force);
    if (got) live_ = *got;
    return got;
  }
  void update(std::string manager, std::string_view merge_patch_result, std::string subresource = {}) {
    auto after = object(merge_patch_result);
    auto by = writer(std::move(manager));
    by.subresource = std::move(subresource);
    update_managed_fields(*message_, live_ ? *live_ : json::object(), after, by);
    live_ = std::move(after);
  }
  [[nodiscard]] const json::object& live() const { return *live_; }
  void forget_owners() { live_->at("metadata").as_object().erase("managedFields"); }
  /// Without the owners.
  [[nodiscard]] std::string text() const {
    auto out = *live_;
    if (auto* meta = out.if_contains("metadata")) {
      meta->as_object().erase("managedFields");
      if (meta->as_object().empty()) out.erase("metadata");
    }
    return json::serialize(out);
  }
  [[nodiscard]] std::string owners() const {
    std::string out;
    if (const auto* list = array_in(*live_, "metadata", "managedFields"))
      for (const auto& entry : *list)
        out += fmt::format("{} {} {}\n", text_in(entry.as_object(), "manager"),
                           text_in(entry.as_object(), "operation"), json::serialize(entry.at("fieldsV1")));
    return out;
  }

 private:
  Writer writer(std::string manager) {
    return {.manager = std::move(manager),
            .api_version = "v1",
            .now = std::chrono::sys_seconds(std::chrono::seconds(++second_))};
  }
  const Message* message_;
  std::optional<json::object> live_;
  int second_ = 0;
};

TEST(Apply, CreatesAndOwns) {
  Applying it("ConfigMap");
  ASSERT_TRUE(it.apply("a", R"({"apiVersion":"v1","kind":"ConfigMap",
      "metadata":{"name":"n","creationTimestamp":null},"data":{"x":"1"}})"));
  EXPECT_EQ(it.text(), R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"n"},"data":{"x":"1"}})");
  EXPECT_EQ(it.owners(), "a Apply {\"f:data\":{\"f:x\":{}}}\n");
}

TEST(Apply, TwiceChangesNothing) {
  for (const auto* config : {R"({"metadata":{"name":"p","labels":{"a":"b"},"finalizers":["f"]},
            "spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}],"args":["1"],
            "resources":{}}],"nodeSelector":{}}})",
                             R"({"metadata":{"name":"p"}})", R"({"spec":{"containers":[]}})"}) {
    Applying it("Pod");
    ASSERT_TRUE(it.apply("a", config));
    const auto first = it.live();
    ASSERT_TRUE(it.apply("a", config));
    EXPECT_EQ(json::serialize(it.live()), json::serialize(first));
  }
}

TEST(Apply, LeavingOutRemoves) {
  Applying it("ConfigMap");
  ASSERT_TRUE(it.apply("a", R"({"data":{"x":"1","y":"2"}})"));
  ASSERT_TRUE(it.apply("a", R"({"data":{"y":"2"}})"));
  EXPECT_EQ(it.text(), R"({"data":{"y":"2"}})");
  ASSERT_TRUE(it.apply("a", R"({"immutable":false})"));
  EXPECT_EQ(it.text(), R"({"immutable":false})");
  EXPECT_EQ(it.owners(), "a Apply {\"f:immutable\":{}}\n");
}

TEST(Apply, SharedFieldsStayUntilTheLastOwnerLeaves) {
  Applying it("ConfigMap");
  ASSERT_TRUE(it.apply("a", R"({"data":{"x":"1"}})"));
  ASSERT_TRUE(it.apply("b", R"({"data":{"x":"1"}})"));
  ASSERT_TRUE(it.apply("a", R"({})"));
  EXPECT_EQ(it.text(), R"({"data":{"x":"1"}})");
  EXPECT_EQ(it.owners(), "b Apply {\"f:data\":{\"f:x\":{}}}\n");
  ASSERT_TRUE(it.apply("b", R"({})"));
  EXPECT_EQ(it.text(), "{}");
}

TEST(Apply, ConflictNamesOwnerAndField) {
  Applying it("ConfigMap");
  it.update("u", R"({"data":{"x":"1","y":"1"}})");
  const auto one = it.apply("a", R"({"data":{"x":"2"}})");
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().code, 409);
  EXPECT_EQ(one.error().reason, "Conflict");
  EXPECT_EQ(one.error().message, R"(Apply failed with 1 conflict: conflict with "u" using v1: .data.x)");
  EXPECT_EQ(one.error().causes,
            (std::vector<Cause>{{"FieldManagerConflict", R"(conflict with "u" using v1)", ".data.x"}}));
  const auto two = it.apply("a", R"({"data":{"x":"2","y":"2"}})");
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().message,
            "Apply failed with 2 conflicts: conflicts with \"u\" using v1:\n- .data.x\n- .data.y");
  EXPECT_EQ(two.error().causes.size(), 2U);
}

TEST(Apply, ConflictWithManyOwners) {
  Applying it("ConfigMap");
  ASSERT_TRUE(it.apply("b", R"({"data":{"x":"1"}})"));
  it.update("s", R"({"data":{"x":"1","y":"1"},"metadata":{}})", "status");
  const auto got = it.apply("a", R"({"data":{"x":"2","y":"2"}})");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message,
            "Apply failed with 2 conflicts: conflicts with \"b\":\n- .data.x\n"
            "conflicts with \"s\" with subresource \"status\" using v1:\n- .data.y");
}

TEST(Apply, ForceTakesOver) {
  Applying it("ConfigMap");
  it.update("u", R"({"data":{"x":"1","y":"1"}})");
  ASSERT_TRUE(it.apply("a", R"({"data":{"x":"2"}})", true));
  EXPECT_EQ(it.text(), R"({"data":{"x":"2","y":"1"}})");
  EXPECT_EQ(it.owners(), "a Apply {\"f:data\":{\"f:x\":{}}}\nu Update {\"f:data\":{\".\":{},\"f:y\":{}}}\n");
}

TEST(Apply, AnUpdateTakesFieldsFromTheApplier) {
  Applying it("ConfigMap");
  ASSERT_TRUE(it.apply("a", R"({"data":{"x":"1","y":"1"}})"));
  auto next = it.live();
  next["data"].as_object()["x"] = "2";
  it.update("u", json::serialize(next));
  EXPECT_EQ(it.owners(), "a Apply {\"f:data\":{\"f:y\":{}}}\nu Update {\"f:data\":{\"f:x\":{}}}\n");
  ASSERT_TRUE(it.apply("a", R"({"data":{"y":"1"}})"));
  EXPECT_EQ(it.text(), R"({"data":{"x":"2","y":"1"}})");
  EXPECT_FALSE(it.apply("a", R"({"data":{"x":"1"}})"));
}

TEST(Apply, WhatWasThereBeforeHasAnOwner) {
  Applying it("ConfigMap");
  it.update("u", R"({"data":{"x":"1"}})");
  it.forget_owners();
  const auto refused = it.apply("a", R"({"data":{"x":"2"}})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().causes.front().message, R"(conflict with "before-first-apply" using v1)");
  ASSERT_TRUE(it.apply("a", R"({"data":{"y":"2"}})"));
  EXPECT_EQ(it.text(), R"({"data":{"x":"1","y":"2"}})");
}

TEST(ApplyLists, ElementsAreMergedByTheirKeys) {
  Applying it("Pod");
  ASSERT_TRUE(it.apply("a", R"({"spec":{"containers":[{"name":"a","image":"1"}]}})"));
  ASSERT_TRUE(it.apply("b", R"({"spec":{"containers":[{"name":"a","tty":true},{"name":"b"}]}})"));
  EXPECT_EQ(it.text(), R"({"spec":{"containers":[{"name":"a","image":"1","tty":true},{"name":"b"}]}})");
  ASSERT_TRUE(it.apply("b", R"({"spec":{"containers":[{"name":"b"}]}})"));
  EXPECT_EQ(it.text(), R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b"}]}})");
  ASSERT_TRUE(it.apply("a", R"({"spec":{"nodeName":"n"}})"));
  EXPECT_EQ(it.text(), R"({"spec":{"containers":[{"name":"b"}],"nodeName":"n"}})");
}

TEST(ApplyLists, AnElementThatStaysKeepsItsKeys) {
  Applying it("Pod");
  ASSERT_TRUE(it.apply("a", R"({"spec":{"containers":[{"name":"a","image":"1"}]}})"));
  auto next = it.live();
  next["spec"].at("containers").as_array()[0].as_object()["tty"] = true;
  it.update("u", json::serialize(next));
  ASSERT_TRUE(it.apply("a", R"({"spec":{"nodeName":"n"}})"));
  EXPECT_EQ(it.text(), R"({"spec":{"containers":[{"name":"a","tty":true}],"nodeName":"n"}})");
}

TEST(ApplyLists, AMissingKeyIsItsDefault) {
  Applying it("Service");
  it.update("u", R"({"spec":{"ports":[{"port":80,"protocol":"TCP","nodePort":30000},
                                      {"port":80,"protocol":"UDP"}]}})");
  ASSERT_TRUE(it.apply("a", R"({"spec":{"ports":[{"port":80,"name":"x"}]}})"));
  EXPECT_EQ(it.text(), R"({"spec":{"ports":[{"port":80,"protocol":"TCP","nodePort":30000,"name":"x"},)"
                       R"({"port":80,"protocol":"UDP"}]}})");
}

TEST(ApplyLists, OrderIsThatOfTheConfiguration) {
  Applying it("Pod");
  it.update("u", R"({"spec":{"containers":[{"name":"a"},{"name":"x"},{"name":"b"},{"name":"y"}]}})");
  ASSERT_TRUE(it.apply("m", R"({"spec":{"containers":[{"name":"b"},{"name":"n"},{"name":"a"}]}})"));
  EXPECT_EQ(it.text(),
            R"({"spec":{"containers":[{"name":"x"},{"name":"b"},{"name":"y"},{"name":"n"},{"name":"a"}]}})");
  const auto before = json::serialize(it.live());
  ASSERT_TRUE(it.apply("m", R"({"spec":{"containers":[{"name":"b"},{"name":"n"},{"name":"a"}]}})"));
  EXPECT_EQ(json::serialize(it.live()), before);
}

TEST(ApplyLists, SetsAreUnited) {
  Applying it("Pod");
  ASSERT_TRUE(it.apply("a", R"({"metadata":{"finalizers":["x","y"]}})"));
  ASSERT_TRUE(it.apply("b", R"({"metadata":{"finalizers":["y","z"]}})"));
  EXPECT_EQ(it.text(), R"({"metadata":{"finalizers":["x","y","z"]}})");
  ASSERT_TRUE(it.apply("a", R"({"metadata":{"finalizers":["x"]}})"));
  EXPECT_EQ(it.text(), R"({"metadata":{"finalizers":["x","y","z"]}})");
  ASSERT_TRUE(it.apply("b", R"({"metadata":{"finalizers":["z"]}})"));
  EXPECT_EQ(it.text(), R"({"metadata":{"finalizers":["x","z"]}})");
}

TEST(ApplyLists, AtomicOnesConflictWhole) {
  Applying it("Pod");
  ASSERT_TRUE(it.apply("a", R"({"spec":{"containers":[{"name":"a","args":["1"]}]}})"));
  const auto got = it.apply("b", R"({"spec":{"containers":[{"name":"a","args":["2"]}]}})");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().causes.front().field, R"(.spec.containers[name="a"].args)");
}

TEST(Apply, AnOptionalObjectGoesWithItsDefaults) {
  Applying it("Pod");
  ASSERT_TRUE(
      it.apply("a", R"({"spec":{"containers":[{"name":"a","livenessProbe":{"tcpSocket":{"port":1}}}]}})"));
  // Defaults come after the apply and belong to nobody.
  auto next = it.live();
  next["spec"].at("containers").as_array()[0].at("livenessProbe").as_object()["periodSeconds"] = 10;
  const auto got = apply_config(message_of("Pod"), &next, object(R"({"spec":{"containers":[{"name":"a"}]}})"),
                                {.manager = "a", .api_version = "v1"}, false);
  ASSERT_TRUE(got);
  EXPECT_EQ(json::serialize(got->at("spec")), R"({"containers":[{"name":"a"}]})");
}

TEST(ApplyRefusal, UnsoundConfigurations) {
  for (const auto* config :
       {R"({"spec":[]})", R"({"spec":"x"})", R"({"spec":{"containers":{}}})",
        R"({"spec":{"containers":[1]}})", R"({"spec":{"containers":[{}]}})",
        R"({"spec":{"containers":[{"name":null}]}})", R"({"spec":{"containers":[{"name":[]}]}})",
        R"({"spec":{"containers":[{"name":"a"},{"name":"a"}]}})", R"({"metadata":{"finalizers":["a","a"]}})",
        R"({"metadata":{"finalizers":[{}]}})", R"({"metadata":{"labels":[]}})",
        R"({"metadata":{"managedFields":[{}]}})"}) {
    Applying it("Pod");
    const auto created = it.apply("a", config);
    ASSERT_FALSE(created) << config;
    EXPECT_EQ(created.error().code, 400) << config;
    it.update("u", R"({"spec":{"containers":[{"name":"a"}]}})");
    EXPECT_FALSE(it.apply("a", config, true)) << config;
  }
  Applying it("Pod");
  EXPECT_FALSE(it.apply("", "{}"));
  EXPECT_EQ(it.apply("a", R"({"spec":{"containers":[{"name":"a"},{"name":"a"}]}})").error().message,
            R"(failed to create typed patch object (/; /, Kind=): .spec.containers: )"
            R"(duplicate entries for key [name="a"])");
  EXPECT_EQ(
      it.apply("a", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"n","namespace":"s"},"spec":1})")
          .error()
          .message,
      "failed to create typed patch object (s/n; /v1, Kind=Pod): .spec: expected map");
}

TEST(ApplyNasty, LiveObjectsOfOddShapes) {
  for (const auto* live :
       {R"({"spec":7})", R"({"spec":{"containers":"x"}})", R"({"spec":{"containers":[1,{},null]}})",
        R"({"spec":{"containers":[{"name":"a"},{"name":"a"}]}})", R"({"metadata":null})",
        R"({"metadata":{"managedFields":[7,{"fieldsV1":{"f:spec":1}}]}})"}) {
    const auto from = object(live);
    const auto config = object(R"({"metadata":{"labels":{"l":"v"}},"spec":{"containers":[{"name":"a"}]}})");
    const Writer by{.manager = "m", .api_version = "v1"};
    const auto got = apply_config(message_of("Pod"), &from, config, by, true);
    ASSERT_TRUE(got) << live;
    const auto again = apply_config(message_of("Pod"), &*got, config, by, false);
    ASSERT_TRUE(again) << live;
    EXPECT_EQ(json::serialize(*again), json::serialize(*got)) << live;
  }
}

/// A configuration of a pod, with some of a few fields.
json::object some_config(std::mt19937& random) {
  const auto chance = [&] { return random() % 2 == 0; };
  json::object out;
  for (const auto* key : {"a", "b", "c"})
    if (chance()) object_at(object_at(out, "metadata"), "labels")[key] = chance() ? "1" : "2";
  json::array finalizers, containers;
  for (const auto* name : {"x", "y", "z"}) {
    if (chance()) finalizers.emplace_back(name);
    if (!chance()) continue;
    json::object container;
    container["name"] = name;
    if (chance()) container["image"] = chance() ? "1" : "2";
    if (chance()) container["args"] = json::array({chance() ? "1" : "2"});
    containers.push_back(std::move(container));
  }
  if (chance()) object_at(out, "metadata")["finalizers"] = std::move(finalizers);
  if (chance()) object_at(out, "spec")["containers"] = std::move(containers);
  return out;
}

TEST(ApplyProperties, SoleOwnerGetsWhatItSays) {
  std::mt19937 random(1);
  const auto& message = message_of("Pod");
  const Writer by{.manager = "m", .api_version = "v1"};
  std::optional<json::object> live;
  for (int i = 0; i < 2000; ++i) {
    const auto config = some_config(random);
    const auto got = apply_config(message, live ? &*live : nullptr, config, by, false);
    ASSERT_TRUE(got) << got.error().message;
    const auto again = apply_config(message, &*got, config, by, false);
    ASSERT_TRUE(again);
    ASSERT_EQ(json::serialize(*again), json::serialize(*got));
    auto plain = *got;
    object_at(plain, "metadata").erase("managedFields");
    auto want = config;
    want.emplace("metadata", json::object());
    ASSERT_EQ(plain, want) << json::serialize(plain) << "\n" << json::serialize(want);
    live = *got;
  }
}

TEST(ApplyProperties, ManyOwnersAgreeInTheEnd) {
  std::mt19937 random(2);
  const auto& message = message_of("Pod");
  json::object live = object(R"({"metadata":{"labels":{"o":"1"}}})");
  for (int i = 0; i < 3000; ++i) {
    const Writer by{.manager = fmt::format("m{}", random() % 3), .api_version = "v1"};
    const auto config = some_config(random);
    const auto polite = apply_config(message, &live, config, by, false);
    const auto forced = apply_config(message, &live, config, by, true);
    ASSERT_TRUE(forced);
    if (polite) {
      ASSERT_EQ(*polite, *forced);
    } else {
      ASSERT_EQ(polite.error().code, 409);
      ASSERT_FALSE(polite.error().causes.empty());
    }
    const auto again = apply_config(message, &*forced, config, by, false);
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(json::serialize(*again), json::serialize(*forced));
    live = *forced;
  }
  for (int i = 0; i < 3; ++i)
    live = *apply_config(message, &live, json::object(),
                         {.manager = fmt::format("m{}", i), .api_version = "v1"}, false);
  object_at(live, "metadata").erase("managedFields");
  EXPECT_EQ(json::serialize(live), R"({"metadata":{"labels":{"o":"1"}}})");
}

}  // namespace
}  // namespace podwire::kube
