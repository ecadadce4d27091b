#include "plan/node_ports.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace podwire::plan {
namespace {

constexpr unsigned kHighestPort = 65535;

std::optional<unsigned> number(std::string_view text) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

Result<PortRange> PortRange::parse(std::string_view text) {
  const auto refuse = [&] {
    return fail("port range \"" + std::string(text) + "\"", {}, 0,
                "should be of the form 30000-32767, of ports between 1 and 65535");
  };
  const auto sign = text.find_first_of("-+");
  const auto first = number(text.substr(0, sign));
  const auto second = sign == std::string_view::npos ? first : number(text.substr(sign + 1));
  if (!first || !second || *first > kHighestPort || *second > kHighestPort) return refuse();
  const unsigned last = sign != std::string_view::npos && text[sign] == '+' ? *first + *second : *second;
  if (*first == 0 || last < *first || last > kHighestPort) return refuse();
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(last)};
}

std::string PortRange::str() const { return std::to_string(first) + "-" + std::to_string(last); }

unsigned static_band(const PortRange& range) {
  constexpr unsigned kLeast = 16;
  constexpr unsigned kMost = 128;
  if (range.size() <= kLeast) return 0;
  return std::clamp(range.size() / 32, kLeast, kMost);
}

NodePorts::NodePorts(PortRange range, Random random) : range_(range), random_(std::move(random)) {}

Result<std::uint16_t> NodePorts::allocate() {
  const unsigned upper = range_.first + static_band(range_);
  auto port = free_from_random_start(used_, upper, range_.last, random_);
  if (!port && upper > range_.first) port = free_from_random_start(used_, range_.first, upper - 1, random_);
  if (!port) return fail("range is full");
  used_.insert(*port);
  return static_cast<std::uint16_t>(*port);
}

std::vector<unsigned> NodePorts::all() const {
  std::vector<unsigned> out;
  out.reserve(used_.size());
  for (auto port = used_.first_present(0, kHighestPort); port;
       port = used_.first_present(*port + 1, kHighestPort))
    out.push_back(static_cast<unsigned>(*port));
  return out;
}

Result<> NodePorts::check(unsigned port) const {
  if (!range_.contains(port))
    return fail("provided port is not in the valid range. The range of valid ports is " + range_.str());
  if (used_.contains(port)) return fail("provided port is already allocated");
  return {};
}

Result<> NodePorts::allocate(unsigned port) {
  TRY(check(port));
  used_.insert(port);
  return {};
}

}  // namespace podwire::plan
