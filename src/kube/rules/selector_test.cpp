#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "kube/rules/field_selector.h"
#include "kube/rules/label_selector.h"

namespace podwire::kube {
namespace {

json::object parsed(std::string_view text) { return json::parse(text).get_object(); }

bool matches(std::string_view selector, const Labels& labels) {
  const auto parsed_selector = LabelSelector::parse(selector);
  EXPECT_TRUE(parsed_selector) << selector;
  return parsed_selector && parsed_selector->matches(labels);
}

std::string refusal(std::string_view selector) {
  const auto answer = LabelSelector::parse(selector);
  if (answer) return "accepted";
  EXPECT_EQ(answer.error().code, 400);
  return answer.error().message;
}

const Labels kWeb{{"app", "web"}, {"level", "7"}, {"tier", ""}};

struct Case {
  std::string_view selector;
  bool matches;
};

class LabelSelectorMatches : public testing::TestWithParam<Case> {};

TEST_P(LabelSelectorMatches, AsKubernetesDoes) {
  EXPECT_EQ(matches(GetParam().selector, kWeb), GetParam().matches) << GetParam().selector;
  const auto object = parsed(R"({"app":"web","level":"7","tier":""})");
  EXPECT_EQ(LabelSelector::parse(GetParam().selector)->matches(&object), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    All, LabelSelectorMatches,
    testing::Values(Case{"", true}, Case{"  ", true}, Case{"app=web", true}, Case{"app==web", true},
                    Case{"app = web , level=7", true}, Case{"app=db", false}, Case{"app!=web", false},
                    Case{"app!=db", true}, Case{"none!=db", true}, Case{"none=db", false}, Case{"app", true},
                    Case{"none", false}, Case{"!app", false}, Case{"!none", true}, Case{"! none", true},
                    Case{"app in (web,db)", true}, Case{"app in(db)", false}, Case{"app notin (db)", true},
                    Case{"app notin (web)", false}, Case{"none notin (x)", true}, Case{"tier=", true},
                    Case{"tier in ()", true}, Case{"tier in (,x)", true}, Case{"app in (,x)", false},
                    Case{"level>6", true}, Case{"level>7", false}, Case{"level<8", true},
                    Case{"app>1", false}, Case{"app in (in,notin,web)", true},
                    Case{"app,!none,level in (7)", true}, Case{"x-y.z/in", false}, Case{"in=in", false}));

TEST(LabelSelector, RefusesInKubernetesWords) {
  EXPECT_EQ(refusal("app in web"), "unable to parse requirement: found 'web' expected: '('");
  EXPECT_EQ(refusal("app web"),
            "unable to parse requirement: found 'web', expected: in, notin, =, ==, !=, gt, lt");
  EXPECT_EQ(refusal("a=b,"), "found '', expected: identifier after ','");
  EXPECT_EQ(refusal("a=b c"), "found 'c', expected: ',' or 'end of string'");
  EXPECT_EQ(refusal(",a"), "found ',', expected: !, identifier, or 'end of string'");
  EXPECT_EQ(refusal("!"), "unable to parse requirement: found '', expected: identifier");
  EXPECT_EQ(refusal("a in (b"), "unable to parse requirement: found '', expected: ',' or ')'");
  EXPECT_EQ(refusal("a=(b)"), "unable to parse requirement: found '(', expected: identifier");
  EXPECT_TRUE(refusal("-a=b").starts_with(
      R"(unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of)"));
  EXPECT_TRUE(refusal("app=a@b").starts_with(
      R"(unable to parse requirement: values[0][app]: Invalid value: "a@b": a valid label must be an empty)"));
  EXPECT_EQ(
      refusal("a>b"),
      R"(unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer)");
}

TEST(LabelSelector, FromJson) {
  const auto selector = parsed(R"({"matchLabels":{"app":"web"},"matchExpressions":[
      {"key":"level","operator":"In","values":["8","7"]},{"key":"none","operator":"DoesNotExist"},
      {"key":"app","operator":"Exists"},{"key":"tier","operator":"NotIn","values":["x"]}]})");
  const auto compiled = LabelSelector::from_json(&selector);
  ASSERT_TRUE(compiled);
  EXPECT_TRUE(compiled->matches(kWeb));
  EXPECT_EQ(compiled->str(), "app=web,app,level in (7,8),!none,tier notin (x)");
  EXPECT_EQ(LabelSelector::parse(compiled->str()), *compiled);
  EXPECT_FALSE(compiled->matches(Labels{{"app", "web"}}));
}

TEST(LabelSelector, NoSelectorSelectsNothingAnEmptyOneAll) {
  EXPECT_FALSE(LabelSelector::from_json(nullptr)->matches(kWeb));
  EXPECT_FALSE(LabelSelector::from_json(nullptr)->selects_all());
  const json::object empty;
  EXPECT_TRUE(LabelSelector::from_json(&empty)->selects_all());
  EXPECT_TRUE(LabelSelector::from_json(&empty)->matches(static_cast<const json::object*>(nullptr)));
  const auto odd = parsed(R"({"matchExpressions":[{"key":"a","operator":"Like"}]})");
  EXPECT_EQ(LabelSelector::from_json(&odd).error().message,
            "\"Like\" is not a valid label selector operator");
}

TEST(LabelSelector, FromMap) {
  const auto map = parsed(R"({"app":"web"})");
  EXPECT_TRUE(LabelSelector::from_map(map).matches(kWeb));
  EXPECT_FALSE(LabelSelector::from_map(map).matches(Labels{}));
}

std::string field_refusal(std::string_view resource, std::string_view selector) {
  const auto answer = FieldSelector::parse(resource, selector);
  return answer ? "accepted" : answer.error().message;
}

bool selects(std::string_view resource, std::string_view selector, std::string_view object) {
  const auto compiled = FieldSelector::parse(resource, selector);
  EXPECT_TRUE(compiled) << selector;
  const auto tree = parsed(object);
  const bool direct = compiled->matches(tree);
  EXPECT_EQ(compiled->matches(selectable_fields(resource, tree)), direct) << selector;
  return direct;
}

TEST(FieldSelector, OfPods) {
  constexpr auto kPod =
      R"({"metadata":{"name":"a","namespace":"n"},"spec":{"nodeName":"n1","hostNetwork":true},"status":{"phase":"Running"}})";
  EXPECT_TRUE(selects("pods", "", kPod));
  EXPECT_TRUE(selects("pods", "metadata.name=a,metadata.namespace==n", kPod));
  EXPECT_TRUE(selects("pods", "spec.nodeName=n1,status.phase!=Succeeded,status.phase!=Failed", kPod));
  EXPECT_FALSE(selects("pods", "status.phase!=Running", kPod));
  EXPECT_TRUE(selects("pods", "spec.hostNetwork=true", kPod));
  EXPECT_TRUE(selects("pods", "spec.host=n1,status.podIP=", kPod));
  EXPECT_TRUE(selects("pods", "spec.hostNetwork=false,spec.nodeName=", R"({"metadata":{"name":"a"}})"));
}

TEST(FieldSelector, OfOtherKinds) {
  EXPECT_TRUE(selects("nodes", "spec.unschedulable=false", R"({"spec":{}})"));
  EXPECT_TRUE(selects("nodes", "spec.unschedulable=true", R"({"spec":{"unschedulable":true}})"));
  EXPECT_TRUE(selects("secrets", "type=Opaque", R"({"type":"Opaque"})"));
  EXPECT_TRUE(selects("services", "spec.clusterIP=None,spec.type=ClusterIP",
                      R"({"spec":{"clusterIP":"None","type":"ClusterIP"}})"));
  EXPECT_TRUE(selects("namespaces", "status.phase=Active,name=a",
                      R"({"metadata":{"name":"a"},"status":{"phase":"Active"}})"));
  EXPECT_TRUE(selects("deployments.apps", "metadata.name=a", R"({"metadata":{"name":"a"}})"));
}

TEST(FieldSelector, OfEventsInBothForms) {
  constexpr std::string_view kSelector =
      "involvedObject.name=a,involvedObject.uid=u,reason=Started,source=kubelet";
  EXPECT_TRUE(selects(
      "events", kSelector,
      R"({"involvedObject":{"name":"a","uid":"u"},"reason":"Started","source":{"component":"kubelet"}})"));
  EXPECT_TRUE(selects(
      "events.events.k8s.io", kSelector,
      R"({"regarding":{"name":"a","uid":"u"},"reason":"Started","deprecatedSource":{"component":"kubelet"}})"));
}

TEST(FieldSelector, UnescapesValues) {
  EXPECT_TRUE(selects("pods", R"(metadata.name=a\,b\=c\\)", R"({"metadata":{"name":"a,b=c\\"}})"));
}

TEST(FieldSelector, RefusesInKubernetesWords) {
  EXPECT_EQ(field_refusal("pods", "spec.color=red"), "field label not supported: spec.color");
  EXPECT_EQ(field_refusal("deployments.apps", "spec.replicas=1"),
            R"("spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace")");
  EXPECT_EQ(field_refusal("pods", "metadata.name"),
            "invalid selector: 'metadata.name'; can't understand 'metadata.name'");
  EXPECT_EQ(field_refusal("pods", R"(metadata.name=a\b)"),
            R"(invalid field selector: invalid escape sequence: \b)");
  EXPECT_EQ(field_refusal("pods", "metadata.name=a=b"),
            "invalid field selector: unescaped character in value: 61");
}

TEST(FieldSelector, TellsWhatAnIndexCanLookUp) {
  const auto compiled = FieldSelector::parse("pods", "spec.nodeName=n1,status.phase!=Failed");
  EXPECT_EQ(compiled->exact("spec.nodeName"), "n1");
  EXPECT_EQ(compiled->exact("status.phase"), std::nullopt);
}

}  // namespace
}  // namespace podwire::kube
