#include "plan/service_view.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>

#include "plan/pool_numbers.h"

namespace podwire::plan {
namespace {

/// Reads what NftBytes wrote, component by component.
class KeyReader {
 public:
  explicit KeyReader(const state::NftBytes& bytes) : left_(bytes.bytes()) {}

  std::optional<IpAddr> addr(Family family) {
    const auto bytes = take(address_bits(family) / 8);
    return bytes.empty() ? std::nullopt : IpAddr::from_bytes(bytes);
  }
  std::optional<std::uint16_t> port() {
    const auto bytes = take(2);
    if (bytes.empty()) return std::nullopt;
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[0]) << 8 |
                                      std::to_integer<unsigned>(bytes[1]));
  }
  std::optional<std::uint8_t> protocol() {
    const auto bytes = take(1);
    return bytes.empty() ? std::nullopt : std::optional(std::to_integer<std::uint8_t>(bytes[0]));
  }
  std::optional<std::uint32_t> mark() {
    const auto bytes = take(4);
    std::uint32_t out = 0;
    if (bytes.empty()) return std::nullopt;
    std::memcpy(&out, bytes.data(), sizeof out);
    return out;
  }

 private:
  /// Each component is padded to four bytes.
  std::span<const std::byte> take(std::size_t size) {
    if (left_.size() < size) return {};
    const auto out = left_.first(size);
    left_ = left_.subspan(std::min(left_.size(), (size + 3) / 4 * 4));
    return out;
  }
  std::span<const std::byte> left_;
};

Family family_of(std::string_view set) { return set.ends_with('6') ? Family::v6 : Family::v4; }

std::optional<Frontend> frontend_of(std::string_view set, const state::NftElement& element) {
  KeyReader key(element.key);
  Frontend out{.family = family_of(set), .inside = set.starts_with("inside_")};
  if (set.find("nodeports") == std::string_view::npos) {
    out.address = key.addr(out.family);
    if (!out.address) return std::nullopt;
  }
  const auto protocol = key.protocol();
  const auto port = key.port();
  if (!protocol || !port) return std::nullopt;
  out.protocol = *protocol;
  out.port = *port;
  return out;
}

using Ports = std::map<std::string, SeenPort>;

std::set<IpAddr> cluster_ips_in(const state::NftElements& there) {
  std::set<IpAddr> out;
  for (const auto* set : {"cluster_ips4", "cluster_ips6"})
    if (const auto at = there.find(set); at != there.end())
      for (const auto& element : at->second)
        if (const auto address = KeyReader(element.key).addr(family_of(set))) out.insert(*address);
  return out;
}

void see_frontends(const std::string& set, const std::vector<state::NftElement>& elements, Ports& out) {
  for (const auto& element : elements) {
    const auto at = frontend_of(set, element);
    if (!at || element.comment.empty()) continue;
    SeenFrontend seen{.at = *at};
    if (element.verdict)
      seen.otherwise =
          element.verdict->kind == state::NftVerdict::Kind::drop ? NoEndpoints::drop : NoEndpoints::refuse;
    else
      seen.pool = KeyReader(element.data).mark();
    auto& port = out[element.comment];
    port.name = element.comment;
    port.frontends.push_back(seen);
  }
}

void see_endpoints(const std::string& set, const std::vector<state::NftElement>& elements, Ports& out) {
  for (const auto& element : elements) {
    KeyReader key(element.key), data(element.data);
    const auto number = key.mark(), slot = key.mark();
    const auto address = data.addr(family_of(set));
    const auto port = data.port();
    if (!number || !slot || !address || !port || element.comment.empty()) continue;
    auto& seen = out[element.comment].pools[*number];
    seen.number = *number;
    seen.slots[*slot] = {*address, *port};
  }
}

/// From a map of marks to chains.
std::map<std::uint32_t, std::string> chains_in(const state::NftElements& there, const std::string& set) {
  std::map<std::uint32_t, std::string> out;
  if (const auto at = there.find(set); at != there.end())
    for (const auto& element : at->second)
      if (const auto mark = KeyReader(element.key).mark(); mark && element.verdict)
        out[*mark] = element.verdict->chain;
  return out;
}

template <class Map, class Key>
std::string at_or_empty(const Map& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? "" : at->second;
}

}  // namespace

bool SeenPool::masquerades() const { return (number & PoolNumbers::kMasquerade) != 0; }
bool SeenPool::keeps_source() const { return (number & PoolNumbers::kStays) != 0; }

std::vector<Cidr> pods_in(const state::NftElements& there) {
  std::vector<Cidr> out;
  for (const auto* set : {"pods4", "pods6"}) {
    const auto at = there.find(set);
    if (at == there.end()) continue;
    for (const auto& element : at->second) {
      const auto first = KeyReader(element.key).addr(family_of(set)),
                 last = KeyReader(element.key_end).addr(family_of(set));
      if (!first || !last) continue;
      for (unsigned length = 1; length <= address_bits(first->family()); ++length)
        if (const Cidr range(*first, length); range.first() == *first && range.last() == *last)
          out.push_back(range);
    }
  }
  return out;
}

std::vector<SeenPort> service_ports_in(const state::NftElements& there) {
  Ports ports;
  for (const auto& [set, elements] : there) {
    if (set.starts_with("endpoints"))
      see_endpoints(set, elements, ports);
    else if (set.find("vips") != std::string::npos || set.find("nodeports") != std::string::npos ||
             set.starts_with("refused"))
      see_frontends(set, elements, ports);
  }
  const auto classes = chains_in(there, "classes"), affine = chains_in(there, "affine_pools"),
             remembered = chains_in(there, "remembered");
  const auto cluster_ips = cluster_ips_in(there);
  std::vector<SeenPort> out;
  for (auto& [name, port] : ports) {
    port.name = name;
    for (auto& frontend : port.frontends)
      frontend.is_cluster_ip = frontend.at.address && cluster_ips.contains(*frontend.at.address);
    std::ranges::sort(port.frontends, {}, &SeenFrontend::at);
    for (auto& [number, pool] : port.pools) {
      const bool is_affine = (number & PoolNumbers::kClassMask) == PoolNumbers::kAffine;
      pool.chain =
          is_affine ? at_or_empty(affine, number) : at_or_empty(classes, number & PoolNumbers::kClassMask);
      const auto memory = at_or_empty(remembered, number);
      if (const auto dash = memory.find('-'); dash != std::string::npos)
        std::from_chars(memory.data() + dash + 1, memory.data() + memory.size(), pool.affinity_seconds);
    }
    out.push_back(std::move(port));
  }
  return out;
}

}  // namespace podwire::plan
