#include "kube/rules/rules_testing.h"

namespace podwire::kube {
namespace {

/// As it is stored once the allocators have been there.
constexpr std::string_view kStored = R"({"metadata":{"name":"web","namespace":"default"},
  "spec":{"type":"NodePort","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9","fd00::9"],
  "ipFamilies":["IPv4","IPv6"],"ipFamilyPolicy":"PreferDualStack",
  "ports":[{"name":"a","port":80,"protocol":"TCP","nodePort":30080},{"name":"b","port":81,"protocol":"TCP","nodePort":30081}]}})";

json::object stored() {
  auto object = parse_object(kStored);
  rules_of("services").default_object(object);
  return object;
}

/// What a PUT of these bytes becomes.
json::object put(std::string_view text, const json::object& old = stored()) {
  auto object = parse_object(text);
  const auto& rules = rules_of("services");
  rules.default_object(object);
  rules.prepare_update(object, old);
  return object;
}

TEST(ServiceUpdate, KeepsWhatWasGivenOut) {
  const auto object = put(R"({"metadata":{"name":"web","namespace":"default"},"spec":{"type":"NodePort",
      "ports":[{"name":"b","port":8081},{"name":"c","port":82},{"name":"a","port":80}]}})");
  const auto& spec = object.at("spec").get_object();
  EXPECT_EQ(spec.at("clusterIP"), "10.96.0.9");
  EXPECT_EQ(json::serialize(spec.at("clusterIPs")), R"(["10.96.0.9","fd00::9"])");
  EXPECT_EQ(spec.at("ports").at(0).at("nodePort"), 30081);
  EXPECT_FALSE(spec.at("ports").at(1).get_object().contains("nodePort"));
  EXPECT_EQ(spec.at("ports").at(2).at("nodePort"), 30080);
}

TEST(ServiceUpdate, ANodePortThatWasMovedIsNotGivenTwice) {
  const auto object = put(
      R"({"spec":{"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81,"nodePort":30080}]}})");
  EXPECT_FALSE(object.at("spec").at("ports").at(0).get_object().contains("nodePort"));
}

TEST(ServiceUpdate, ANewTypeDropsWhatItHasNoUseFor) {
  auto object = stored();
  object["spec"].get_object()["type"] = "ClusterIP";
  rules_of("services").prepare_update(object, stored());
  EXPECT_FALSE(object["spec"].at("ports").at(0).get_object().contains("nodePort"));
  EXPECT_FALSE(object["spec"].get_object().contains("externalTrafficPolicy"));
  EXPECT_EQ(object["spec"].at("clusterIP"), "10.96.0.9");
  EXPECT_EQ(sentence(rules_of("services").validate_update(object, stored())), "accepted");

  object = stored();
  object["spec"].get_object()["type"] = "ExternalName";
  object["spec"].get_object()["externalName"] = "x.io";
  rules_of("services").prepare_update(object, stored());
  for (const std::string_view key : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"})
    EXPECT_FALSE(object["spec"].get_object().contains(key)) << key;
  EXPECT_EQ(sentence(rules_of("services").validate_update(object, stored())), "accepted");
}

TEST(ServiceUpdate, SingleStackGivesTheSecondAddressBack) {
  auto object = stored();
  object["spec"].get_object()["ipFamilyPolicy"] = "SingleStack";
  rules_of("services").prepare_update(object, stored());
  EXPECT_EQ(json::serialize(object["spec"].at("clusterIPs")), R"(["10.96.0.9"])");
  EXPECT_EQ(json::serialize(object["spec"].at("ipFamilies")), R"(["IPv4"])");
  EXPECT_EQ(sentence(rules_of("services").validate_update(object, stored())), "accepted");
}

std::string refused(std::initializer_list<Change> changes) {
  json::value object = stored();
  for (const auto& change : changes) apply(object, change);
  rules_of("services").prepare_update(object.get_object(), stored());
  return sentence(rules_of("services").validate_update(object.get_object(), stored()));
}

TEST(ServiceUpdate, AddressesDoNotChange) {
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(
      refused({{"/spec/clusterIP", R"("10.96.0.10")"}, {"/spec/clusterIPs", R"(["10.96.0.10","fd00::9"])"}}),
      R"(spec.clusterIPs[0]: Invalid value: ["10.96.0.10","fd00::9"]: may not change once set)");
  EXPECT_EQ(refused({{"/spec/clusterIPs", R"(["10.96.0.9","fd00::8"])"}}),
            R"(spec.clusterIPs[1]: Invalid value: ["10.96.0.9","fd00::8"]: may not change once set)");
  EXPECT_EQ(
      refused({{"/spec/clusterIPs", R"(["10.96.0.9"])"}}),
      R"(spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to 'SingleStack' when releasing the secondary clusterIP)");
  EXPECT_EQ(refused({{"/spec/ipFamilies", R"(["IPv6","IPv4"])"}}).substr(0, 81),
            R"([spec.ipFamilies[0]: Invalid value: ["IPv6","IPv4"]: may not change once set, spe)");
}

TEST(ServiceUpdate, ThePortOfTheHealthCheckDoesNotChange) {
  constexpr std::string_view kBalanced =
      R"({"metadata":{"name":"web","namespace":"default"},"spec":{"type":"LoadBalancer",
    "externalTrafficPolicy":"Local","healthCheckNodePort":30001,"loadBalancerClass":"x.io/a","ports":[{"port":80}]}})";
  EXPECT_EQ(on_update("services", kBalanced, {{"/spec/healthCheckNodePort", ""}}), "accepted");
  EXPECT_EQ(on_update("services", kBalanced, {{"/spec/healthCheckNodePort", "30002"}}),
            "spec.healthCheckNodePort: Forbidden: field is immutable");
  EXPECT_EQ(on_update("services", kBalanced, {{"/spec/loadBalancerClass", R"("x.io/b")"}}),
            R"(spec.loadBalancerClass: Invalid value: "x.io/b": may not change once set)");
  EXPECT_EQ(on_update("services", kBalanced, {{"/spec/type", R"("ClusterIP")"}}), "accepted");
}

}  // namespace
}  // namespace podwire::kube
