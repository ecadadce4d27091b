#include "plan/service_tables.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace podwire::plan {
namespace {

constexpr std::string_view kAlone[] = {"vips", "nodeports", "inside_", "refused"};

/// Sets in which a key leads somewhere: two Services cannot both have it.
bool is_exclusive(std::string_view set) {
  for (const auto prefix : kAlone)
    if (set.starts_with(prefix)) return true;
  return false;
}

/// What stays the same about a pool while its endpoints change.
std::string identity_of(const PlannedPort& port, const ServicePool& pool, std::size_t among_equal) {
  return fmt::format("{} {} {} {} {}", port.name, static_cast<int>(pool.family),
                     static_cast<int>(pool.source), pool.affinity_seconds > 0 ? "affine" : "", among_equal);
}

std::optional<std::uint32_t> mark_in(const state::NftBytes& data) {
  const auto bytes = data.bytes();
  std::uint32_t out = 0;
  if (bytes.size() != sizeof out) return std::nullopt;
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

bool same(const state::NftElement& a, const state::NftElement& b) {
  return a.data == b.data && a.verdict == b.verdict && a.comment == b.comment;
}

}  // namespace

void ServiceTables::adopt(const state::NftElements& there) {
  for (const auto& [set, elements] : there) {
    if (set == "classes")
      for (const auto& element : elements) {
        const auto mark = mark_in(element.key);
        std::size_t count = 0;
        if (!mark || !element.verdict || !element.verdict->chain.starts_with("lb-")) continue;
        const auto digits = std::string_view(element.verdict->chain).substr(3);
        if (std::from_chars(digits.data(), digits.data() + digits.size(), count).ec == std::errc())
          numbers_.adopt_class(*mark, count);
      }
    if (is_exclusive(set) && !set.starts_with("refused"))
      for (const auto& element : elements)
        if (const auto mark = mark_in(element.data)) adopted_[{set, element.key}] = *mark;
  }
}

std::optional<std::uint32_t> ServiceTables::number_for(const PlannedPort& port, std::size_t pool,
                                                       const Service* before, const std::string& identity) {
  std::optional<std::uint32_t> old;
  if (before != nullptr)
    if (const auto at = before->numbers.find(identity); at != before->numbers.end()) old = at->second;
  if (!old && !adopted_.empty())
    for (const auto& frontend : port.frontends)
      if (frontend.pool == pool)
        if (const auto at = adopted_.find({frontend_set(frontend.at, true), frontend_key(frontend.at)});
            at != adopted_.end())
          old = at->second;
  return numbers_.take(port.pools[pool], old);
}

std::vector<std::string> ServiceTables::set(const Claimant& who, const PlannedService& service) {
  auto& held = services_[who.name];
  // Given back first, so that what stays as large as it was gets the same number again.
  for (const auto& [identity, number] : held.numbers) numbers_.give_back(number);
  std::map<std::string, std::uint32_t> taken;
  std::vector<std::vector<std::uint32_t>> numbers;
  std::vector<std::string> problems = service.problems;
  for (const auto& port : service.ports) {
    auto& of_port = numbers.emplace_back();
    std::map<std::string, std::size_t> equal;
    for (std::size_t i = 0; i < port.pools.size(); ++i) {
      const auto kind = identity_of(port, port.pools[i], 0);
      const auto identity = identity_of(port, port.pools[i], equal[kind]++);
      const auto number = number_for(port, i, &held, identity);
      if (!number) {
        problems.push_back(fmt::format("{}: the tables are full", port.name));
        for (const auto& [ignored, back] : taken) numbers_.give_back(back);
        held.numbers.clear();
        replace(held, who, {});
        return problems;
      }
      taken[identity] = *number;
      of_port.push_back(*number);
    }
  }
  held.numbers = std::move(taken);
  auto elements = elements_of(service, numbers);
  held.chains = std::move(elements.chains);
  replace(held, who, std::move(elements.elements));
  for (const auto& item : held.elements) {
    if (!is_exclusive(item.set)) continue;
    const auto& claims = claims_.at({item.set, item.element.key, item.element.key_end});
    if (claims.begin()->first != who)
      problems.push_back(fmt::format("{}: another Service has that address and port: {}",
                                     item.element.comment, claims.begin()->first.name));
  }
  return problems;
}

void ServiceTables::erase(const std::string& name) {
  const auto at = services_.find(name);
  if (at == services_.end()) return;
  for (const auto& [identity, number] : at->second.numbers) numbers_.give_back(number);
  replace(at->second, at->second.who, {});
  services_.erase(at);
}

void ServiceTables::set_site(const ProxySite& site) { replace(services_[""], Claimant(), elements_of(site)); }

void ServiceTables::replace(Service& held, const Claimant& who, std::vector<SetElement> elements) {
  for (const auto& element : held.elements) release(held.who, element);
  held.who = who;
  held.elements = std::move(elements);
  for (const auto& element : held.elements) claim(who, element);
}

void ServiceTables::note(const Key& key, const Claims* now) {
  const bool there = now != nullptr && !now->empty();
  touched_.try_emplace(key, there ? std::optional(now->begin()->second) : std::nullopt);
}

void ServiceTables::claim(const Claimant& who, const SetElement& item) {
  const Key key{item.set, item.element.key, item.element.key_end};
  auto& claims = claims_[key];
  note(key, &claims);
  claims.insert_or_assign(who, item.element);
}

void ServiceTables::release(const Claimant& who, const SetElement& item) {
  const Key key{item.set, item.element.key, item.element.key_end};
  const auto at = claims_.find(key);
  if (at == claims_.end()) return;
  note(key, &at->second);
  at->second.erase(who);
  if (at->second.empty()) claims_.erase(at);
}

TableChange ServiceTables::take_change() {
  TableChange out;
  for (const auto& [key, before] : touched_) {
    const auto at = claims_.find(key);
    const auto* now = at == claims_.end() ? nullptr : &at->second.begin()->second;
    if (before && now != nullptr && same(*before, *now)) continue;
    if (before) out.remove[key.set].push_back(*before);
    if (now == nullptr) continue;
    out.add[key.set].push_back(*now);
    if (now->verdict && now->verdict->chain.find('-') != std::string::npos)
      out.chains.insert(now->verdict->chain);
  }
  touched_.clear();
  adopted_.clear();
  return out;
}

state::NftElements ServiceTables::wanted() const {
  state::NftElements out;
  for (const auto& [key, claims] : claims_) out[key.set].push_back(claims.begin()->second);
  return out;
}

ServiceChains ServiceTables::chains() const {
  ServiceChains out;
  for (const auto& [name, service] : services_) out.insert(service.chains.begin(), service.chains.end());
  return out;
}

}  // namespace podwire::plan
