#include "kube/patch/strategic.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

const Message& message_of(std::string_view kind) {
  const auto& schema = Schema::builtin();
  const auto* found = schema.kind(kind == "Deployment" ? "apps/v1" : "v1", kind);
  EXPECT_NE(found, nullptr) << kind;
  return *found->message;
}

Answer<json::object> patched(std::string_view kind, std::string_view live, std::string_view patch) {
  return apply_strategic_patch(message_of(kind), json::parse(live).as_object(),
                               json::parse(patch).as_object());
}

struct Case {
  const char *name, *kind, *live, *patch, *want;
};

class StrategicPatch : public testing::TestWithParam<Case> {};

TEST_P(StrategicPatch, MergesBySchema) {
  const auto& c = GetParam();
  const auto got = patched(c.kind, c.live, c.patch);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(json::serialize(*got), json::serialize(json::parse(c.want)));
}

INSTANTIATE_TEST_SUITE_P(
    All, StrategicPatch,
    testing::Values(
        Case{"MapsMemberByMember", "ConfigMap", R"({"data":{"a":"1","b":"2"}})",
             R"({"data":{"a":null,"c":"3"}})", R"({"data":{"b":"2","c":"3"}})"},
        Case{"NullsInWhatIsNewAreNothing", "Pod", R"({})", R"({"spec":{"nodeName":null,"hostname":"h"}})",
             R"({"spec":{"hostname":"h"}})"},
        Case{"ContainersByName", "Pod",
             R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}})",
             R"({"spec":{"containers":[{"name":"b","image":"3"}]}})",
             R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"3"}]}})"},
        Case{"ANewElementComesFirst", "Pod", R"({"spec":{"containers":[{"name":"a"}]}})",
             R"({"spec":{"containers":[{"name":"b"}]}})",
             R"({"spec":{"containers":[{"name":"b"},{"name":"a"}]}})"},
        Case{"OrderDirective", "Pod", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
             R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"c"},{"name":"a"}],
                 "containers":[{"name":"c","image":"1"}]}})",
             R"({"spec":{"containers":[{"name":"b"},{"name":"c","image":"1"},{"name":"a"}]}})"},
        Case{"OrderAloneSorts", "Pod", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
             R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}})",
             R"({"spec":{"containers":[{"name":"b"},{"name":"a"}]}})"},
        Case{
            "OthersKeepTheirPlace", "Pod",
            R"({"spec":{"containers":[{"name":"side"},{"name":"a"},{"name":"b"}]}})",
            R"({"spec":{"$setElementOrder/containers":[{"name":"a"},{"name":"b"}],"containers":[{"name":"b","image":"x"}]}})",
            R"({"spec":{"containers":[{"name":"side"},{"name":"a"},{"name":"b","image":"x"}]}})"},
        Case{"DeleteByKey", "Pod", R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})",
             R"({"spec":{"containers":[{"name":"a","$patch":"delete"}]}})",
             R"({"spec":{"containers":[{"name":"b"}]}})"},
        Case{"DeleteOfWhatIsNotThere", "Pod", R"({"spec":{"containers":[{"name":"a"}]}})",
             R"({"spec":{"containers":[{"name":"z","$patch":"delete"}]}})",
             R"({"spec":{"containers":[{"name":"a"}]}})"},
        Case{"ReplaceAList", "Pod", R"({"spec":{"containers":[{"name":"a","image":"1"},{"name":"b"}]}})",
             R"({"spec":{"containers":[{"name":"a"},{"$patch":"replace"}]}})",
             R"({"spec":{"containers":[{"name":"a"}]}})"},
        Case{"ReplaceAListByTwoOfOneKey", "Node",
             R"({"status":{"addresses":[{"type":"InternalIP","address":"192.0.2.1"}]}})",
             R"({"status":{"addresses":[{"$patch":"replace"},{"type":"InternalIP","address":"192.0.2.2"},)"
             R"({"type":"InternalIP","address":"2001:db8::2"}]}})",
             R"({"status":{"addresses":[{"type":"InternalIP","address":"192.0.2.2"},)"
             R"({"type":"InternalIP","address":"2001:db8::2"}]}})"},
        Case{"ReplaceAnObject", "Pod", R"({"spec":{"nodeSelector":{"a":"1"},"hostname":"h"}})",
             R"({"spec":{"nodeSelector":{"$patch":"replace","b":"2"}}})",
             R"({"spec":{"nodeSelector":{"b":"2"},"hostname":"h"}})"},
        Case{"DeleteAnObject", "Pod", R"({"spec":{"nodeSelector":{"a":"1"}}})",
             R"({"spec":{"nodeSelector":{"$patch":"delete"}}})", R"({"spec":{"nodeSelector":{}}})"},
        Case{"MergeIsTheDefault", "Pod", R"({"spec":{"nodeSelector":{"a":"1"}}})",
             R"({"spec":{"nodeSelector":{"$patch":"merge","b":"2"}}})",
             R"({"spec":{"nodeSelector":{"a":"1","b":"2"}}})"},
        Case{"RetainKeysOfAStrategy", "Deployment",
             R"({"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}})",
             R"({"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}})",
             R"({"spec":{"strategy":{"type":"Recreate"}}})"},
        Case{
            "RetainKeysOfAVolume", "Pod", R"({"spec":{"volumes":[{"name":"v","emptyDir":{}}]}})",
            R"({"spec":{"volumes":[{"$retainKeys":["name","hostPath"],"name":"v","hostPath":{"path":"/x"}}]}})",
            R"({"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}})"},
        Case{"FinalizersAreASet", "Pod", R"({"metadata":{"finalizers":["a","b"]}})",
             R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],
                 "$setElementOrder/finalizers":["b","c"],"finalizers":["c"]}})",
             R"({"metadata":{"finalizers":["b","c"]}})"},
        Case{"AddToASetOnce", "Pod", R"({"metadata":{"finalizers":["a"]}})",
             R"({"metadata":{"finalizers":["a","b"]}})", R"({"metadata":{"finalizers":["a","b"]}})"},
        Case{"DeleteFromAListAlone", "Pod", R"({"metadata":{"finalizers":["a","b"]}})",
             R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}})",
             R"({"metadata":{"finalizers":["b"]}})"},
        Case{"PlainListsAreReplaced", "Pod", R"({"spec":{"containers":[{"name":"a","args":["1","2"]}]}})",
             R"({"spec":{"containers":[{"name":"a","args":["3"]}]}})",
             R"({"spec":{"containers":[{"name":"a","args":["3"]}]}})"},
        Case{"ServicePortsByNumber", "Service", R"({"spec":{"ports":[{"port":80,"name":"a"}]}})",
             R"({"spec":{"ports":[{"port":80,"targetPort":8080}]}})",
             R"({"spec":{"ports":[{"port":80,"name":"a","targetPort":8080}]}})"},
        // kubectl sends such orders for ports of one number and two protocols.
        Case{"AnOrderMayNameAKeyTwice", "Service", R"({"spec":{"ports":[{"port":53,"protocol":"UDP"}]}})",
             R"({"spec":{"$setElementOrder/ports":[{"port":53},{"port":53}],
                 "ports":[{"port":53,"name":"a"},{"port":53,"name":"b"}]}})",
             R"({"spec":{"ports":[{"port":53,"protocol":"UDP","name":"b"}]}})"},
        Case{"ConditionsByType", "Node", R"({"status":{"conditions":[{"type":"Ready","status":"False"}]}})",
             R"({"status":{"$setElementOrder/conditions":[{"type":"Ready"}],
                 "conditions":[{"type":"Ready","status":"True"}]}})",
             R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})"},
        Case{"UnknownFieldsArePlainJson", "Pod", R"({"x":{"l":[1],"o":{"a":1}}})",
             R"({"x":{"l":[2],"o":{"b":2}}})", R"({"x":{"l":[2],"o":{"a":1,"b":2}}})"},
        Case{
            "DirectivesOfNewObjectsAreGone", "Pod", R"({})",
            R"({"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"a","$patch":"merge"}]}})",
            R"({"spec":{"containers":[{"name":"a"}]}})"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(StrategicPatchRefusal, IsABadRequest) {
  const auto* live = R"({"spec":{"containers":[{"name":"a"}]}})";
  for (const auto* patch :
       {R"({"$patch":"frob"})", R"({"$patch":1})", R"({"spec":{"$retainKeys":"a"}})",
        R"({"spec":{"$retainKeys":[1]}})", R"({"spec":{"$retainKeys":["a"],"hostname":"h"}})",
        R"({"spec":{"containers":[1]}})", R"({"spec":{"containers":[{"image":"x"}]}})",
        R"({"spec":{"containers":[{"name":null}]}})", R"({"spec":{"containers":[{"$patch":"delete"}]}})",
        R"({"spec":{"containers":{"name":"a"}}})", R"({"spec":{"containers":"a"}})",
        R"({"spec":{"$setElementOrder/containers":7}})",
        R"({"spec":{"$setElementOrder/containers":["a"],"containers":[{"name":"a"}]}})",
        R"({"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"a"}]}})",
        R"({"metadata":{"finalizers":[{}]}})",
        R"({"metadata":{"$deleteFromPrimitiveList/finalizers":"a"}})"}) {
    const auto got = patched("Pod", live, patch);
    ASSERT_FALSE(got) << patch;
    EXPECT_EQ(got.error().code, 400) << patch;
  }
}

TEST(StrategicPatchRefusal, InKubernetesWords) {
  const auto words = [](std::string_view patch) {
    return patched("Pod", R"({"spec":{"containers":[{"name":"a"}]}})", patch).error().message;
  };
  EXPECT_EQ(words(R"({"spec":{"containers":[{"image":"x","args":["1","2"],"tty":true,"stdin":null}]}})"),
            "map: map[args:[1 2] image:x stdin:<nil> tty:true] does not contain declared merge key: name");
  EXPECT_EQ(words(R"({"spec":{"$patch":"frob","hostname":"h"}})"),
            "unknown patch type: frob in map: map[$patch:frob hostname:h]");
  EXPECT_EQ(words(R"({"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],
                              "containers":[{"name":"a"},{"name":"b"}]}})"),
            "The order in patch list:\n[map[name:a] map[name:b]]\n doesn't match $setElementOrder/containers "
            "list:\n[map[name:b] map[name:a]]\n");
  EXPECT_EQ(words(R"({"spec":{"$setElementOrder/containers":7}})"),
            "invalid patch format of setElementOrder list");
  EXPECT_EQ(words(R"({"metadata":{"$deleteFromPrimitiveList/finalizers":7}})"),
            "invalid patch format of primitive list");
  EXPECT_EQ(words(R"({"spec":{"$retainKeys":7}})"), "invalid patch format of retainKeys");
}

TEST(StrategicPatchNasty, DeletingFromWhatIsNoListLeavesIt) {
  const auto got = patched("Pod", R"({"x":"y"})", R"({"$deleteFromPrimitiveList/x":["y"]})");
  ASSERT_TRUE(got);
  EXPECT_EQ(json::serialize(*got), R"({"x":"y"})");
}

TEST(StrategicPatchNasty, LiveListsOfOtherShapesSurvive) {
  const auto got = patched("Pod", R"({"spec":{"containers":[1,{"image":"x"},{"name":"a"}]}})",
                           R"({"spec":{"containers":[{"name":"a","image":"y"}]}})");
  ASSERT_TRUE(got);
  EXPECT_EQ(json::serialize(*got), R"({"spec":{"containers":[1,{"image":"x"},{"name":"a","image":"y"}]}})");
}

}  // namespace
}  // namespace podwire::kube
