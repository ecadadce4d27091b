#include "kube/rules/rules_testing.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kService = R"({"metadata":{"name":"web","namespace":"default","annotations":{}},
  "spec":{"selector":{"app":"web"},"ports":[{"port":80,"protocol":"TCP"}]}})";

std::string refused(std::initializer_list<Change> changes) {
  return on_create("services", kService, changes);
}

json::object filled(std::string_view text) {
  auto object = parse_object(text);
  rules_of("services").default_object(object);
  return object;
}

TEST(ServiceDefaults, ByType) {
  EXPECT_EQ(json::serialize(filled(R"({"spec":{"ports":[{"port":80}]}})")),
            R"({"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":80}],"type":"ClusterIP",)"
            R"("sessionAffinity":"None","internalTrafficPolicy":"Cluster"}})");
  const auto balanced = filled(
      R"({"spec":{"type":"LoadBalancer"},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}})");
  EXPECT_EQ(balanced.at("spec").at("externalTrafficPolicy"), "Cluster");
  EXPECT_EQ(balanced.at("spec").at("allocateLoadBalancerNodePorts"), true);
  EXPECT_EQ(balanced.at("status").at("loadBalancer").at("ingress").at(0).at("ipMode"), "VIP");
  const auto external = filled(R"({"spec":{"type":"ExternalName","externalName":"x.io"}})");
  EXPECT_FALSE(external.at("spec").get_object().contains("internalTrafficPolicy"));
  EXPECT_EQ(filled(R"({"spec":{"externalIPs":["192.0.2.1"]}})").at("spec").at("externalTrafficPolicy"),
            "Cluster");
  EXPECT_EQ(filled(R"({"spec":{"ports":[{"port":80,"targetPort":"http"},{"port":81,"targetPort":0}]}})")
                .at("spec")
                .at("ports")
                .at(1)
                .at("targetPort"),
            81);
}

TEST(ServiceDefaults, Affinity) {
  EXPECT_EQ(json::serialize(
                filled(R"({"spec":{"sessionAffinity":"ClientIP"}})").at("spec").at("sessionAffinityConfig")),
            R"({"clientIP":{"timeoutSeconds":10800}})");
  EXPECT_FALSE(filled(R"({"spec":{"sessionAffinityConfig":{"clientIP":{"timeoutSeconds":5}}}})")
                   .at("spec")
                   .get_object()
                   .contains("sessionAffinityConfig"));
}

TEST(Service, Name) {
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_TRUE(refused({{"/metadata/name", R"("1web")"}})
                  .starts_with(R"(metadata.name: Invalid value: "1web": a DNS-1035 label must consist of)"));
}

TEST(Service, Ports) {
  EXPECT_EQ(refused({{"/spec/ports", "[]"}}), "spec.ports: Required value");
  EXPECT_EQ(refused({{"/spec/ports", "[]"}, {"/spec/clusterIP", R"("None")"}}), "accepted");
  EXPECT_EQ(refused({{"/spec/ports/0/port", "0"}, {"/spec/ports/0/targetPort", "80"}}),
            "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive");
  EXPECT_EQ(refused({{"/spec/ports/0/protocol", R"("ICMP")"}}),
            R"(spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP")");
  EXPECT_EQ(refused({{"/spec/ports/0/targetPort", R"("8080")"}}),
            R"(spec.ports[0].targetPort: Invalid value: "8080": must contain at least one letter (a-z))");
  EXPECT_EQ(refused({{"/spec/ports/-", R"({"port":81})"}}),
            "[spec.ports[0].name: Required value, spec.ports[1].name: Required value]");
  EXPECT_EQ(refused({{"/spec/ports/0/name", R"("a")"}, {"/spec/ports/-", R"({"name":"a","port":81})"}}),
            R"(spec.ports[1].name: Duplicate value: "a")");
  EXPECT_EQ(
      refused({{"/spec/ports/0/name", R"("a")"}, {"/spec/ports/-", R"({"name":"b","port":80})"}}),
      R"(spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0})");
  EXPECT_EQ(refused({{"/spec/ports/0/name", R"("a")"},
                     {"/spec/ports/-", R"({"name":"b","port":80,"protocol":"UDP"})"}}),
            "accepted");
}

TEST(Service, NodePorts) {
  EXPECT_EQ(refused({{"/spec/ports/0/nodePort", "30080"}}),
            "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'");
  EXPECT_EQ(refused({{"/spec/type", R"("NodePort")"}, {"/spec/ports/0/nodePort", "30080"}}), "accepted");
  EXPECT_EQ(refused({{"/spec/type", R"("NodePort")"}, {"/spec/ports/0/nodePort", "80"}}),
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range "
            "of valid "
            "ports is 30000-32767");
  EXPECT_EQ(refused({{"/spec/type", R"("NodePort")"},
                     {"/spec/ports/0/nodePort", "30080"},
                     {"/spec/ports/0/name", R"("a")"},
                     {"/spec/ports/-", R"({"name":"b","port":81,"nodePort":30080})"}}),
            "spec.ports[1].nodePort: Duplicate value: 30080");
  auto object = filled(kService);
  object["spec"].get_object()["type"] = "NodePort";
  rules_of("services").default_object(object);
  object["spec"].at("ports").at(0).get_object()["nodePort"] = 40000;
  EXPECT_EQ(
      sentence(
          rules_of("services").validate_create(object, {.first_node_port = 40000, .last_node_port = 40001})),
      "accepted");
}

TEST(Service, Types) {
  EXPECT_EQ(
      refused({{"/spec/type", R"("Magic")"}}),
      R"(spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort")");
  EXPECT_EQ(refused({{"/spec/type", R"("NodePort")"}, {"/spec/clusterIP", R"("None")"}}),
            R"(spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services)");
  EXPECT_EQ(refused({{"/spec/type", R"("ExternalName")"}}), "spec.externalName: Required value");
  EXPECT_EQ(refused({{"/spec/type", R"("ExternalName")"}, {"/spec/externalName", R"("db.example.com.")"}}),
            "accepted");
  EXPECT_EQ(refused({{"/spec/type", R"("ExternalName")"},
                     {"/spec/externalName", R"("db.example.com")"},
                     {"/spec/clusterIP", R"("10.96.0.9")"}}),
            "spec.clusterIPs: Forbidden: may not be set for ExternalName services");
}

TEST(Service, Addresses) {
  const auto ips = [](std::string_view first, std::string_view list) {
    return refused({{"/spec/clusterIP", first}, {"/spec/clusterIPs", list}});
  };
  EXPECT_EQ(ips(R"("10.96.0.9")", R"(["10.96.0.9"])"), "accepted");
  EXPECT_EQ(ips(R"("fd00::9")", R"(["fd00::9","10.96.0.9"])"), "accepted");
  EXPECT_EQ(refused({{"/spec/clusterIP", R"("10.96.0.9")"}}), "accepted");  // the list follows
  EXPECT_EQ(
      refused({{"/spec/clusterIPs", R"(["10.96.0.9"])"}}),
      R"(spec.clusterIPs: Invalid value: ["10.96.0.9"]: must be empty when `clusterIP` is not specified)");
  EXPECT_EQ(ips(R"("10.96.0.9")", R"(["10.96.0.8"])"),
            R"(spec.clusterIPs: Invalid value: ["10.96.0.8"]: first value must match `clusterIP`)");
  EXPECT_EQ(
      ips(R"("x")", R"(["x"])"),
      R"(spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff))");
  EXPECT_EQ(
      ips(R"("10.96.0.9")", R"(["10.96.0.9","10.96.0.8"])"),
      R"(spec.clusterIPs: Invalid value: ["10.96.0.9","10.96.0.8"]: may specify no more than one IP for each IP family)");
  EXPECT_EQ(
      ips(R"("None")", R"(["None","10.96.0.9"])"),
      R"(spec.clusterIPs: Invalid value: ["None","10.96.0.9"]: 'None' must be the first and only value)");
  EXPECT_EQ(refused({{"/spec/ipFamilies", R"(["IPv4","IPv4"])"}}),
            R"(spec.ipFamilies[1]: Duplicate value: "IPv4")");
  EXPECT_EQ(refused({{"/spec/ipFamilies", R"(["IPv5"])"}}),
            R"(spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6")");
  EXPECT_EQ(
      refused({{"/spec/ipFamilyPolicy", R"("Both")"}}),
      R"(spec.ipFamilyPolicy: Unsupported value: "Both": supported values: "PreferDualStack", "RequireDualStack", "SingleStack")");
  EXPECT_EQ(
      refused({{"/spec/clusterIP", R"("10.96.0.9")"}, {"/spec/ipFamilies", R"(["IPv6"])"}}),
      R"(spec.clusterIPs[0]: Invalid value: "10.96.0.9": expected an IPv6 value as indicated by `ipFamilies[0]`)");
}

TEST(Service, Affinity) {
  const auto timeout = [](std::string_view seconds) {
    return refused({{"/spec/sessionAffinity", R"("ClientIP")"},
                    {"/spec/sessionAffinityConfig", R"({"clientIP":{}})"},
                    {"/spec/sessionAffinityConfig/clientIP/timeoutSeconds", seconds}});
  };
  EXPECT_EQ(timeout("86400"), "accepted");
  EXPECT_EQ(timeout("86401"),
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than "
            "0 and less "
            "than 86400");
  EXPECT_EQ(refused({{"/spec/sessionAffinity", R"("Cookie")"}}),
            R"(spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None")");
}

TEST(Service, ExternalIpsCanBeReached) {
  EXPECT_EQ(refused({{"/spec/externalIPs", R"(["192.0.2.1","2001:db8::1"])"}}), "accepted");
  EXPECT_EQ(
      refused({{"/spec/externalIPs", R"(["127.0.0.1"])"}}),
      R"(spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128))");
  EXPECT_EQ(
      refused({{"/spec/externalIPs", R"(["fe80::1"])"}}),
      R"(spec.externalIPs[0]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10))");
  EXPECT_EQ(refused({{"/spec/externalIPs", R"(["::"])"}}),
            R"(spec.externalIPs[0]: Invalid value: "::": may not be unspecified (::))");
  EXPECT_EQ(
      refused({{"/spec/externalIPs", R"(["224.0.0.1"])"}}),
      R"(spec.externalIPs[0]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10))");
}

TEST(Service, TrafficPolicies) {
  EXPECT_EQ(
      refused({{"/spec/externalTrafficPolicy", R"("Local")"}}),
      R"(spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services)");
  EXPECT_EQ(refused({{"/spec/type", R"("NodePort")"}, {"/spec/externalTrafficPolicy", R"("Near")"}}),
            R"(spec.externalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local")");
  EXPECT_EQ(refused({{"/spec/internalTrafficPolicy", R"("Near")"}}),
            R"(spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local")");
  EXPECT_EQ(refused({{"/spec/trafficDistribution", R"("PreferClose")"}}), "accepted");
  EXPECT_EQ(
      refused({{"/spec/healthCheckNodePort", "30000"}}),
      "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and "
      "`externalTrafficPolicy` is 'Local'");
  EXPECT_EQ(refused({{"/spec/type", R"("LoadBalancer")"},
                     {"/spec/externalTrafficPolicy", R"("Local")"},
                     {"/spec/healthCheckNodePort", "30000"}}),
            "accepted");
}

TEST(Service, LoadBalancers) {
  EXPECT_EQ(refused({{"/spec/loadBalancerClass", R"("x.io/lb")"}}),
            "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'");
  EXPECT_EQ(refused({{"/spec/allocateLoadBalancerNodePorts", "false"}}),
            "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'");
  EXPECT_EQ(refused({{"/spec/loadBalancerSourceRanges", R"(["10.0.0.0/8"])"}}),
            "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'");
  EXPECT_EQ(
      refused({{"/spec/type", R"("LoadBalancer")"},
               {"/spec/loadBalancerSourceRanges", R"([" 10.0.0.0/8 ","x"])"}}),
      R"(spec.LoadBalancerSourceRanges[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64))");
}

TEST(Service, StatusHasAddressesOfTheBalancer) {
  const auto status = [](std::string_view ingress) {
    return on_status("services", kService, {{"/status/loadBalancer/ingress", ingress}});
  };
  EXPECT_EQ(status(R"([{"ip":"192.0.2.1","ipMode":"VIP"},{"hostname":"lb.example.com"}])"), "accepted");
  EXPECT_EQ(status(R"([{"ip":"x","ipMode":"VIP"}])"),
            R"(status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address)");
  EXPECT_EQ(
      status(R"([{"hostname":"192.0.2.1"}])"),
      R"(status.loadBalancer.ingress[0].hostname: Invalid value: "192.0.2.1": must be a DNS name, not an IP address)");
}

}  // namespace
}  // namespace podwire::kube
