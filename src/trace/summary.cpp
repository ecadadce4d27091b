#include "trace/summary.h"

#include <fmt/format.h>

#include "trace/fields.h"
#include "trace/numbers.h"

namespace podwire::trace {
namespace {

/// Collects what the layers of one frame say; a VXLAN header starts over with the frame inside.
class Line {
 public:
  void operator()(const Data&) {}
  void operator()(const Ethernet& e) {
    what_ = fmt::format("{} frame", ether_type_name(e.type));
    ends_ = fmt::format("{} to {}", e.src.str(), e.dst.str());
    flags_.clear();
    hops_.clear();
    counts_data_ = false;
  }
  void operator()(const Arp& a) {
    what_ = a.op == 2 ? fmt::format("ARP reply: {} is at {}", a.sender_ip.str(), a.sender_mac.str())
                      : fmt::format("ARP request: who has {}, asks {}", a.target_ip.str(), a.sender_ip.str());
    ends_.clear();
  }
  void operator()(const Ipv4& p) {
    network(p.src, p.dst, protocol_name(p.protocol), fmt::format("TTL {}", p.ttl));
    if (p.fragment_offset != 0) hops_ += fmt::format(", fragment at byte {}", p.fragment_offset);
  }
  void operator()(const Ipv6& p) {
    network(p.src, p.dst, protocol_name(p.protocol), fmt::format("hop limit {}", p.hop_limit));
    if (p.fragment_offset != 0) hops_ += fmt::format(", fragment at byte {}", p.fragment_offset);
  }
  void operator()(const Udp& u) { ports("UDP", u.src_port, u.dst_port, ""); }
  void operator()(const Tcp& t) { ports("TCP", t.src_port, t.dst_port, " " + tcp_flag_names(t.flags)); }
  void operator()(const Icmp& i) {
    const bool v6 = src_.is_v6();
    what_ = fmt::format("{} {}", v6 ? "ICMPv6" : "ICMP", icmp_name(v6, i.type, i.code));
    if (what_.find(" echo ") != std::string::npos) what_ += fmt::format(" id {} seq {}", i.id, i.seq);
    ends_ = fmt::format("{} to {}", src_.str(), dst_.str());
  }
  void operator()(const Vxlan& v) {
    outer_ += fmt::format("VXLAN {} from {} to {} round ", v.vni, src_.str(), dst_.str());
  }
  void data(std::size_t bytes) { data_ = bytes; }

  [[nodiscard]] std::string text() const {
    std::string out = outer_ + what_;
    if (!ends_.empty()) out += " " + ends_;
    out += flags_;
    if (counts_data_) out += fmt::format(", {} bytes of data", data_);
    if (!hops_.empty()) out += ", " + hops_;
    return out;
  }

 private:
  void network(const IpAddr& src, const IpAddr& dst, std::string what, std::string hops) {
    src_ = src;
    dst_ = dst;
    what_ = std::move(what);
    hops_ = std::move(hops);
    ends_ = fmt::format("{} to {}", src.str(), dst.str());
  }
  void ports(std::string_view name, std::uint16_t src, std::uint16_t dst, std::string flags) {
    const auto end = [](const IpAddr& a, std::uint16_t port) {
      return a.is_v4() ? fmt::format("{}:{}", a.str(), port) : fmt::format("[{}]:{}", a.str(), port);
    };
    what_ = name;
    ends_ = fmt::format("{} to {}", end(src_, src), end(dst_, dst));
    flags_ = std::move(flags);
    counts_data_ = true;
  }

  IpAddr src_, dst_;
  std::string outer_, what_ = "empty frame", ends_, flags_, hops_;
  std::size_t data_ = 0;
  bool counts_data_ = false;
};

}  // namespace

std::string summary(const Packet& packet) {
  Line line;
  for (const auto& layer : packet.layers) {
    if (layer.truncated && layer.kind != LayerKind::data)
      return fmt::format("{}, cut off in the {} header", line.text(), name_of(layer.kind));
    std::visit(line, layer.fields);
    if (layer.kind == LayerKind::data) line.data(layer.length);
  }
  const bool cut = packet.original_length > packet.bytes.size();
  return line.text() +
         (cut ? fmt::format(" (of {} bytes {} were captured)", packet.original_length, packet.bytes.size())
              : "");
}

}  // namespace podwire::trace
