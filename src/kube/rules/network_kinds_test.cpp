#include "kube/rules/rules_testing.h"

namespace podwire::kube {
namespace {

constexpr std::string_view kEndpoints =
    R"({"metadata":{"name":"web","namespace":"default"},"subsets":[{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80,"protocol":"TCP"}]}]})";

TEST(Endpoints, Subsets) {
  const auto refused = [](std::initializer_list<Change> changes) {
    return on_create("endpoints", kEndpoints, changes);
  };
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(refused({{"/subsets/0/addresses", "[]"}}),
            "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`");
  EXPECT_EQ(
      refused({{"/subsets/0/addresses/0/ip", R"("127.0.0.1")"}}),
      R"(subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128))");
  EXPECT_EQ(refused({{"/subsets/0/ports/-", R"({"port":81,"protocol":"TCP","name":"b"})"}}),
            "subsets[0].ports[0].name: Required value");
  EXPECT_EQ(refused({{"/subsets/0/ports/0/protocol", ""}}), "subsets[0].ports[0].protocol: Required value");
}

constexpr std::string_view kSlice =
    R"({"metadata":{"name":"web-1","namespace":"default"},"addressType":"IPv4",
  "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true},"nodeName":"n1"}],"ports":[{"name":"","port":80,"protocol":"TCP"}]})";

TEST(EndpointSlice, Endpoints) {
  const auto refused = [](std::initializer_list<Change> changes) {
    return on_create("endpointslices.discovery.k8s.io", kSlice, changes);
  };
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(refused({{"/addressType", ""}}), "addressType: Required value");
  EXPECT_EQ(refused({{"/addressType", R"("IPX")"}}),
            R"(addressType: Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6")");
  EXPECT_EQ(refused({{"/addressType", R"("IPv6")"}}),
            R"(endpoints[0].addresses[0]: Invalid value: "10.0.0.1": must be a valid IPv6 address)");
  EXPECT_EQ(refused({{"/addressType", R"("IPv6")"}, {"/endpoints/0/addresses/0", R"("fd00::1")"}}),
            "accepted");
  EXPECT_EQ(refused({{"/addressType", R"("FQDN")"}, {"/endpoints/0/addresses/0", R"("db.example.com")"}}),
            "accepted");
  EXPECT_EQ(
      refused({{"/addressType", R"("FQDN")"}, {"/endpoints/0/addresses/0", R"("db")"}}),
      R"(endpoints[0].addresses[0]: Invalid value: "db": should be a domain with at least two segments separated by dots)");
  EXPECT_EQ(refused({{"/endpoints/0/addresses", "[]"}}),
            "endpoints[0].addresses: Required value: must contain at least 1 address");
  EXPECT_EQ(refused({{"/ports/-", R"({"name":"","port":81,"protocol":"TCP"})"}}),
            R"(ports[1].name: Duplicate value: "")");
}

TEST(EndpointSlice, HasALimitOfEndpoints) {
  auto object = parse_object(kSlice);
  const auto one = object["endpoints"].at(0);
  while (object["endpoints"].get_array().size() < 1000) object["endpoints"].get_array().push_back(one);
  EXPECT_EQ(on_create("endpointslices.discovery.k8s.io", object), "accepted");
  object["endpoints"].get_array().push_back(one);
  EXPECT_EQ(on_create("endpointslices.discovery.k8s.io", object),
            "endpoints: Too many: 1001: must have at most 1000 items");
}

TEST(EndpointSlice, KeepsItsAddressType) {
  EXPECT_EQ(on_update("endpointslices.discovery.k8s.io", kSlice,
                      {{"/addressType", R"("IPv6")"}, {"/endpoints/0/addresses/0", R"("fd00::1")"}}),
            R"(addressType: Invalid value: "IPv6": field is immutable)");
}

constexpr std::string_view kPolicy =
    R"({"metadata":{"name":"p","namespace":"default"},"spec":{"podSelector":{},
  "ingress":[{"from":[{"podSelector":{"matchLabels":{"a":"b"}}}],"ports":[{"port":80,"protocol":"TCP"}]}],
  "egress":[{"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}]}]}})";

std::string policy(std::initializer_list<Change> changes) {
  return on_create("networkpolicies.networking.k8s.io", kPolicy, changes);
}

TEST(NetworkPolicy, TypesFollowTheRules) {
  const auto types = [](std::string_view text) {
    auto object = parse_object(text);
    rules_of("networkpolicies.networking.k8s.io").default_object(object);
    return json::serialize(object.at("spec").at("policyTypes"));
  };
  EXPECT_EQ(types(R"({"spec":{"podSelector":{}}})"), R"(["Ingress"])");
  EXPECT_EQ(types(R"({"spec":{"egress":[]}})"), R"(["Ingress"])");
  EXPECT_EQ(types(R"({"spec":{"egress":[{}]}})"), R"(["Ingress","Egress"])");
  EXPECT_EQ(types(R"({"spec":{"policyTypes":["Egress"],"ingress":[{}]}})"), R"(["Egress"])");
}

TEST(NetworkPolicy, Peers) {
  EXPECT_EQ(policy({}), "accepted");
  EXPECT_EQ(policy({{"/spec/ingress/0/from/0", "{}"}}),
            "spec.ingress[0].from[0]: Required value: must specify a peer");
  EXPECT_EQ(policy({{"/spec/egress/0/to/0/podSelector", "{}"}}),
            "spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer");
  EXPECT_EQ(
      policy({{"/spec/egress/0/to/0/ipBlock/cidr", R"("10.0.0.0")"}}),
      R"(spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64))");
  for (const std::string_view outside : {"\"11.0.0.0/16\"", "\"10.0.0.0/8\"", "\"fd00::/64\""})
    EXPECT_TRUE(policy({{"/spec/egress/0/to/0/ipBlock/except/0", outside}})
                    .ends_with("must be a strict subset of `cidr`"));
  EXPECT_EQ(policy({{"/spec/egress/0/to/0/ipBlock", R"({"cidr":"fd00::/48","except":["fd00:0:0:1::/64"]})"}}),
            "accepted");
}

TEST(NetworkPolicy, Ports) {
  const auto port = [](std::string_view text) { return policy({{"/spec/ingress/0/ports/0", text}}); };
  EXPECT_EQ(port(R"({"port":80,"endPort":90})"), "accepted");
  EXPECT_EQ(port(R"({"port":80,"endPort":79})"),
            "spec.ingress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`");
  EXPECT_EQ(
      port(R"({"port":"http","endPort":90})"),
      "spec.ingress[0].ports[0].endPort: Invalid value: 90: may not be specified when `port` is non-numeric");
  EXPECT_EQ(port(R"({"endPort":90})"),
            "spec.ingress[0].ports[0].endPort: Invalid value: 90: may not be specified when `port` is not "
            "specified");
  EXPECT_EQ(
      port(R"({"port":80,"protocol":"ICMP"})"),
      R"(spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP")");
}

TEST(NetworkPolicy, SelectorsAndTypes) {
  EXPECT_EQ(policy({{"/spec/podSelector", R"({"matchExpressions":[{"key":"a","operator":"In"}]})"}}),
            "spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` "
            "is 'In' or 'NotIn'");
  EXPECT_EQ(policy({{"/spec/podSelector",
                     R"({"matchExpressions":[{"key":"a","operator":"Exists","values":["x"]}]})"}}),
            "spec.podSelector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is "
            "'Exists' or 'DoesNotExist'");
  EXPECT_EQ(
      policy({{"/spec/podSelector", R"({"matchExpressions":[{"key":"a","operator":"Like"}]})"}}),
      R"(spec.podSelector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator)");
  EXPECT_EQ(policy({{"/spec/policyTypes", R"(["Both"])"}}),
            R"(spec.policyTypes[0]: Unsupported value: "Both": supported values: "Ingress", "Egress")");
}

constexpr std::string_view kCidr = R"({"metadata":{"name":"kubernetes"},"spec":{"cidrs":["10.96.0.0/12"]}})";

TEST(ServiceCidr, OneOfEachFamily) {
  const auto cidrs = [](std::string_view list) {
    return on_create("servicecidrs.networking.k8s.io", kCidr, {{"/spec/cidrs", list}});
  };
  EXPECT_EQ(cidrs(R"(["10.96.0.0/12","fd00::/112"])"), "accepted");
  EXPECT_EQ(cidrs("[]"), "spec.cidrs: Required value: at least one CIDR required");
  EXPECT_EQ(
      cidrs(R"(["10.96.0.0/12","10.0.0.0/16"])"),
      R"(spec.cidrs: Invalid value: ["10.96.0.0/12","10.0.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64)");
  EXPECT_EQ(cidrs(R"(["10.96.0.1/12"])"),
            R"(spec.cidrs[0]: Invalid value: "10.96.0.1/12": must be in canonical form ("10.96.0.0/12"))");
  EXPECT_EQ(cidrs(R"(["a","b","c"])"),
            R"(spec.cidrs: Invalid value: {"cidrs":["a","b","c"]}: may only hold up to 2 values)");
}

TEST(ServiceCidr, MayOnlyGainItsSecondFamily) {
  const auto update = [](std::string_view list) {
    return on_update("servicecidrs.networking.k8s.io", kCidr, {{"/spec/cidrs", list}});
  };
  EXPECT_EQ(update(R"(["10.96.0.0/12"])"), "accepted");
  EXPECT_EQ(update(R"(["10.96.0.0/12","fd00::/112"])"), "accepted");
  EXPECT_EQ(update(R"(["10.0.0.0/16"])"),
            R"(spec.cidrs[0]: Invalid value: "10.0.0.0/16": field is immutable)");
  EXPECT_EQ(update("[]"), "spec.cidrs: Invalid value: []: field is immutable");
}

constexpr std::string_view kAddress =
    R"({"metadata":{"name":"10.96.0.1"},"spec":{"parentRef":{"group":"","resource":"services","namespace":"default","name":"kubernetes"}}})";

TEST(IpAddress, IsNamedByItself) {
  const auto refused = [](std::initializer_list<Change> changes) {
    return on_create("ipaddresses.networking.k8s.io", kAddress, changes);
  };
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(refused({{"/metadata/name", R"("fd00::1")"}}), "accepted");
  EXPECT_EQ(refused({{"/metadata/name", R"("fd00:0::1")"}}),
            R"(metadata.name: Invalid value: "fd00:0::1": must be in canonical form ("fd00::1"))");
  EXPECT_EQ(
      refused({{"/metadata/name", R"("web")"}}),
      R"(metadata.name: Invalid value: "web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff))");
  EXPECT_EQ(refused({{"/spec/parentRef", ""}}), "spec.parentRef: Required value");
  EXPECT_EQ(refused({{"/spec/parentRef/resource", ""}}), "spec.parentRef.resource: Required value");
  EXPECT_TRUE(on_update("ipaddresses.networking.k8s.io", kAddress, {{"/spec/parentRef/name", R"("other")"}})
                  .ends_with("field is immutable"));
}

TEST(AddressBlock, IsNamedByItsNetwork) {
  constexpr std::string_view kBlock =
      R"({"metadata":{"name":"10-244-0-64-26"},"spec":{"cidr":"10.244.0.64/26","nodeName":"node0"}})";
  const auto refused = [&](std::initializer_list<Change> changes) {
    return on_create("addressblocks.podwire.io", kBlock, changes);
  };
  EXPECT_EQ(refused({}), "accepted");
  EXPECT_EQ(refused({{"/metadata/name", R"("fd00-10-244-0-0-0-0-40-122")"},
                     {"/spec/cidr", R"("fd00:10:244::40/122")"}}),
            "accepted");
  EXPECT_EQ(refused({{"/metadata/name", R"("mine")"}}),
            R"(metadata.name: Invalid value: "mine": must be "10-244-0-64-26", for spec.cidr)");
  EXPECT_EQ(refused({{"/spec/cidr", R"("10.244.0.65/26")"}}),
            R"(spec.cidr: Invalid value: "10.244.0.65/26": must be in canonical form ("10.244.0.64/26"))");
  EXPECT_EQ(refused({{"/spec/cidr", ""}}), "spec.cidr: Required value");
  EXPECT_EQ(refused({{"/spec/nodeName", ""}}), "spec.nodeName: Required value");
  EXPECT_EQ(on_update("addressblocks.podwire.io", kBlock, {{"/spec/nodeName", R"("node1")"}}),
            R"(spec.nodeName: Invalid value: "node1": field is immutable)");
}

}  // namespace
}  // namespace podwire::kube
