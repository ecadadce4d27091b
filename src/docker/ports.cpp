#include "docker/ports.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>

namespace podwire::docker {
namespace {

struct Span {
  std::uint16_t first = 0, last = 0;
  [[nodiscard]] unsigned size() const { return last - first + 1U; }
};

std::optional<std::uint16_t> port_number(std::string_view text) {
  unsigned value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size() || value == 0 || value > 65535)
    return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

std::optional<Span> port_span(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = port_number(text.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash == std::string_view::npos) return Span{*first, *first};
  const auto last = port_number(text.substr(dash + 1));
  if (!last || *last < *first) return std::nullopt;
  return Span{*first, *last};
}

}  // namespace

Result<PortRequest> parse_publish(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail("publish", fmt::format("\"{}\"", text), EINVAL,
                fmt::format("{}; the form is [IP:][HOST-PORT:]CONTAINER-PORT[/tcp|udp|sctp]", why));
  };
  PortRequest out;
  std::string_view rest = text;
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    out.protocol = rest.substr(slash + 1);
    if (out.protocol != "tcp" && out.protocol != "udp" && out.protocol != "sctp")
      return bad("unknown protocol");
    rest = rest.substr(0, slash);
  }
  const auto colon = rest.rfind(':');
  const auto inside = port_span(colon == std::string_view::npos ? rest : rest.substr(colon + 1));
  if (!inside) return bad("the container port must be 1 to 65535, or a range");
  out.first = inside->first;
  out.last = inside->last;
  if (colon == std::string_view::npos) return out;

  rest = rest.substr(0, colon);
  std::string_view outside = rest;
  if (const auto before = rest.rfind(':'); before != std::string_view::npos && !rest.ends_with(']')) {
    outside = rest.substr(before + 1);
    std::string_view ip = rest.substr(0, before);
    const bool bracketed = ip.starts_with('[') && ip.ends_with(']');
    if (bracketed) ip = ip.substr(1, ip.size() - 2);
    const auto address = IpAddr::parse(ip);
    if (!address || address->is_v6() != bracketed)
      return bad("the host address is none, or an IPv6 one without brackets");
    // 0.0.0.0 and :: are how people write "every address".
    if (!address->is_any()) out.host_ip = *address;
    if (outside.empty()) return out;
  }
  const auto host = port_span(outside);
  if (!host) return bad("the host port must be 1 to 65535, or a range");
  if (host->size() != inside->size() && inside->size() != 1) return bad("the two ranges differ in length");
  out.host_first = host->first;
  out.host_last = host->last;
  return out;
}

bool clash(const PublishedPort& a, const PublishedPort& b) {
  return a.host_port == b.host_port && a.protocol == b.protocol &&
         (!a.host_ip || !b.host_ip || *a.host_ip == *b.host_ip);
}

namespace {

/// Assigns the ports of one container after another, so that it does not clash with itself either.
class Assigner {
 public:
  Assigner(const PortsInUse& in_use, PortRange ephemeral) : in_use_(in_use), ephemeral_(ephemeral) {}

  Result<> add(const PortRequest& r) {
    for (unsigned i = 0; i <= static_cast<unsigned>(r.last - r.first); ++i) {
      PublishedPort port{r.host_ip, 0, static_cast<std::uint16_t>(r.first + i), r.protocol};
      if (r.host_first == 0) {
        TRY(choose(port, ephemeral_.first, ephemeral_.last));
      } else if (r.first == r.last) {
        TRY(choose(port, r.host_first, r.host_last));
      } else {
        const auto wanted = static_cast<std::uint16_t>(r.host_first + i);
        TRY(choose(port, wanted, wanted));
      }
    }
    return {};
  }

  std::vector<PublishedPort> done() { return std::move(assigned_); }

 private:
  [[nodiscard]] std::string taken_by(const PublishedPort& port) const {
    for (const auto& own : assigned_)
      if (clash(own, port)) return "it is published twice";
    if (const auto name = in_use_.publisher_of(port); !name.empty())
      return fmt::format("container {} has published it", name);
    return in_use_.listened_on(port) ? "a process of the host listens on it" : "";
  }

  Result<> choose(PublishedPort port, unsigned first, unsigned last) {
    std::string why;
    for (unsigned candidate = first; candidate <= last; ++candidate) {
      port.host_port = static_cast<std::uint16_t>(candidate);
      why = taken_by(port);
      if (!why.empty()) continue;
      assigned_.push_back(port);
      return {};
    }
    if (first == last) return fail("publish port", describe(port), EADDRINUSE, why);
    return fail("publish port", fmt::format("{}/{}", port.container_port, port.protocol), EADDRINUSE,
                fmt::format("no host port of {}-{} is free", first, last));
  }

  const PortsInUse& in_use_;
  PortRange ephemeral_;
  std::vector<PublishedPort> assigned_;
};

}  // namespace

Result<std::vector<PublishedPort>> assign_ports(const std::vector<PortRequest>& requests,
                                                const PortsInUse& in_use, PortRange ephemeral) {
  Assigner assigner(in_use, ephemeral);
  // What leaves no choice goes first.
  for (const auto& request : requests)
    if (request.host_first != 0) TRY(assigner.add(request));
  for (const auto& request : requests)
    if (request.host_first == 0) TRY(assigner.add(request));
  return assigner.done();
}

std::string describe(const PublishedPort& port) {
  std::string ip = "0.0.0.0";
  if (port.host_ip)
    ip = port.host_ip->is_v6() ? fmt::format("[{}]", port.host_ip->str()) : port.host_ip->str();
  return fmt::format("{}:{}->{}/{}", ip, port.host_port, port.container_port, port.protocol);
}

}  // namespace podwire::docker
