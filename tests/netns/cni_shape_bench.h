#pragma once
#include <gmock/gmock.h>

#include <memory>

#include "cni/elements.h"
#include "kernel/conntrack/open.h"
#include "kernel/nft/open.h"
#include "kernel/sysctl/open.h"
#include "tests/netns/traffic.h"

// A host with podwire-cni's table, and around it:
//
//   client --eth0-- host --vp1-- pod1, --vp2-- pod2          routed: 10.244.0.2, .3 and fd44::2, ::3
//   10.9.0.2        host --br0-- box1, box2                  bridged: 172.17.0.2, .3 and fd17::2, ::3
//   fd09::2         host --br1-- box3                        bridged: 172.18.0.2 and fd18::2
//
// The host is .1 (::1) of the client's network and of each bridge. Every namespace but the host answers on
// port 80.

namespace podwire::test {

using kernel::NftBatch;
using state::NftBytes;
using state::NftElement;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

inline IpAddr ip(const std::string& text) { return *IpAddr::parse(text); }

struct Node {
  Node(std::string name_, IpAddr v4_, IpAddr v6_) : name(std::move(name_)), v4(v4_), v6(v6_) {}
  [[nodiscard]] const IpAddr& addr(Family f) const { return f == Family::v4 ? v4 : v6; }
  std::string name;
  IpAddr v4, v6;
  NetNs ns = new_netns();
  std::optional<Answerer> answerer;
};

/// Built once for a test suite: only the table's elements change between tests.
class ShapeBench {
 public:
  ShapeBench() {
    set_sysctl(host, "net/ipv4/ip_forward", "1");
    set_sysctl(host, "net/ipv6/conf/all/forwarding", "1");
    ip_in(host,
          "link set lo up\nlink add eth0 type veth peer name eth0 netns " + path_of(client.ns) +
              "\naddr add 10.9.0.1/24 dev eth0\naddr add fd09::1/64 dev eth0 nodad\nlink set eth0 up\n");
    ip_in(client.ns,
          "link set lo up\naddr add 10.9.0.2/24 dev eth0\naddr add fd09::2/64 dev eth0 nodad\n"
          "link set eth0 up\nroute add default via 10.9.0.1\nroute add default via fd09::1\n");
    routed("vp1", pod1);
    routed("vp2", pod2);
    bridge("br0", "172.17.0.1/16", "fd17::1/64", {&box1, &box2});
    bridge("br1", "172.18.0.1/16", "fd18::1/64", {&box3});
    for (Node* n : {&client, &pod1, &pod2, &box1, &box2, &box3}) n->answerer.emplace(n->ns, n->name, 80);
    meet();
    nft = std::move(*kernel::open_nft(host));
    conntrack = std::move(*kernel::open_conntrack(host));
  }

  /// The table as new: without elements, and no connection that remembers earlier ones.
  void reset() {
    EXPECT_TRUE(nft->delete_table(state::NftFamily::inet, "podwire-cni"));
    const auto loaded = nft->load_shape(cni::nft_shape());
    EXPECT_TRUE(loaded) << loaded.error().message();
    EXPECT_TRUE(conntrack->remove({}));
    bridge_netfilter(true);
  }
  /// Do bridged packets pass the host's inet tables?
  void bridge_netfilter(bool on) {
    for (const char* key : {"net/bridge/bridge-nf-call-iptables", "net/bridge/bridge-nf-call-ip6tables"})
      set_sysctl(host, key, on ? "1" : "0");
  }

  void add(std::string_view set, NftElement element) {
    const auto done = nft->commit(NftBatch().add(cni::nft_set(set), {std::move(element)}));
    ASSERT_TRUE(done) << done.error().message();
  }
  void remove(std::string_view set, NftElement element) {
    const auto done = nft->commit(NftBatch().remove(cni::nft_set(set), {std::move(element)}));
    ASSERT_TRUE(done) << done.error().message();
  }
  /// "published" + "4" or "6".
  static std::string of(std::string_view set, Family f) {
    return std::string(set) + (f == Family::v4 ? "4" : "6");
  }
  void publish(Family f, int protocol, std::uint16_t host_port, const Node& to) {
    add(of("published", f), {.key = NftBytes().protocol(static_cast<std::uint8_t>(protocol)).port(host_port),
                             .data = NftBytes().addr(to.addr(f)).port(80)});
  }

  NetNs host = new_netns();
  Node client{"client", ip("10.9.0.2"), ip("fd09::2")};
  Node pod1{"pod1", ip("10.244.0.2"), ip("fd44::2")}, pod2{"pod2", ip("10.244.0.3"), ip("fd44::3")};
  Node box1{"box1", ip("172.17.0.2"), ip("fd17::2")}, box2{"box2", ip("172.17.0.3"), ip("fd17::3")};
  Node box3{"box3", ip("172.18.0.2"), ip("fd18::2")};
  std::unique_ptr<kernel::Nft> nft;
  std::unique_ptr<kernel::Conntrack> conntrack;

 private:
  /// As podwire-cni's routed link: an on-link gateway that is a permanent neighbour, a /32 route on the host.
  void routed(const std::string& dev, const Node& pod) {
    const std::string v4 = pod.v4.str(), v6 = pod.v6.str();
    ip_in(host, "link add " + dev + " address 02:00:00:00:00:01 type veth peer name eth0 netns " +
                    path_of(pod.ns) + "\naddr add fe80::1/64 dev " + dev + " nodad scope link\nlink set " +
                    dev + " up\nroute add " + v4 + " dev " + dev + " scope link\nroute add " + v6 + " dev " +
                    dev + "\n");
    ip_in(pod.ns, "link set lo up\naddr add " + v4 + "/32 dev eth0\naddr add " + v6 +
                      "/128 dev eth0 nodad\nlink set eth0 up\n"
                      "neigh replace 169.254.1.1 lladdr 02:00:00:00:00:01 dev eth0\n"
                      "neigh replace fe80::1 lladdr 02:00:00:00:00:01 dev eth0\n"
                      "route add default via 169.254.1.1 dev eth0 onlink\n"
                      "route add default via fe80::1 dev eth0 onlink\n");
  }
  /// Neighbours learn each other now: a first packet that waits for that must not look like one that was
  /// dropped.
  void meet() {
    for (const Family f : {Family::v4, Family::v6}) {
      for (Node* n : {&client, &pod1, &pod2, &box1, &box2, &box3}) ask(host, IPPROTO_UDP, n->addr(f), 80);
      ask(box2.ns, IPPROTO_UDP, box1.addr(f), 80);
    }
  }
  void bridge(const std::string& name, const std::string& v4, const std::string& v6,
              const std::vector<Node*>& boxes) {
    ip_in(host, "link add " + name + " type bridge\naddr add " + v4 + " dev " + name + "\naddr add " + v6 +
                    " dev " + name + " nodad\nlink set " + name + " up\n");
    for (const Node* box : boxes) {
      const std::string port = "v" + box->name;
      ip_in(host, "link add " + port + " type veth peer name eth0 netns " + path_of(box->ns) + "\nlink set " +
                      port + " master " + name + " up\n");
      ip_in(box->ns, "link set lo up\naddr add " + box->v4.str() + "/16 dev eth0\naddr add " + box->v6.str() +
                         "/64 dev eth0 nodad\nlink set eth0 up\nroute add default via " +
                         v4.substr(0, v4.find('/')) + "\nroute add default via " +
                         v6.substr(0, v6.find('/')) + "\n");
    }
  }
};

class ShapeTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { bench_ = new ShapeBench(); }
  static void TearDownTestSuite() {
    delete bench_;
    bench_ = nullptr;
  }
  void SetUp() override { bench_->reset(); }

  static ShapeBench& bench() { return *bench_; }
  /// The host's address on the client's wire, and on bridge br0.
  static IpAddr host_addr(Family f) { return ip(f == Family::v4 ? "10.9.0.1" : "fd09::1"); }
  static IpAddr bridge_addr(Family f) { return ip(f == Family::v4 ? "172.17.0.1" : "fd17::1"); }
  static std::string sees(const Node& who, const IpAddr& client) {
    return who.name + " sees " + client.str();
  }

  /// Runs `body(family, protocol)` for both families and TCP and UDP.
  template <class Body>
  static void for_each_kind(Body body) {
    for (const Family f : {Family::v4, Family::v6})
      for (const int protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
        SCOPED_TRACE(std::string(name_of(f)) + (protocol == IPPROTO_TCP ? " TCP" : " UDP"));
        body(f, protocol);
      }
  }

 private:
  static inline ShapeBench* bench_ = nullptr;
};

}  // namespace podwire::test
