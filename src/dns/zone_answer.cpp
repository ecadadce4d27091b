#include <algorithm>
#include <set>

#include "dns/zone.h"

namespace podwire::dns {
namespace {

constexpr std::string_view kVersion = "1.1.0";
constexpr unsigned kAliases = 8;  // of Services that are other Services' ExternalName

bool wants_services(const Question& question) {
  return question.type == Type::srv || question.type == Type::any;
}

/// "_http" asks for port http; an unnamed port has no name to ask for.
bool asks_for(std::string_view label, std::string_view name) {
  return !name.empty() && label.starts_with('_') && label.substr(1) == name;
}

}  // namespace

Type type_of(const Data& data) {
  struct Visitor {
    Type operator()(const IpAddr& address) const { return address.is_v4() ? Type::a : Type::aaaa; }
    Type operator()(const Alias&) const { return Type::cname; }
    Type operator()(const Pointer&) const { return Type::ptr; }
    Type operator()(const NameServer&) const { return Type::ns; }
    Type operator()(const Text&) const { return Type::txt; }
    Type operator()(const Srv&) const { return Type::srv; }
    Type operator()(const Soa&) const { return Type::soa; }
  };
  return std::visit(Visitor{}, data);
}

std::optional<Answer> Zone::answer(const Question& question) const { return answer(question, kAliases); }

std::optional<Answer> Zone::answer(const Question& question, unsigned aliases) const {
  if (const auto labels = question.name.below(domain_))
    return finished(question, at(*labels, question), aliases);
  const auto address = reversed_address(question.name);
  const auto names = address ? pointers_.find(*address) : pointers_.end();
  if (names == pointers_.end()) return std::nullopt;
  Answer out;
  if (question.type != Type::ptr && question.type != Type::any) return out;
  for (const auto& name : names->second) {
    Record record{question.name, Pointer{name}};
    if (std::ranges::find(out.records, record) == out.records.end()) out.records.push_back(std::move(record));
  }
  return out;
}

/// Keeps what was asked for, follows an alias within the zone, and says for how long a "no" is good.
Answer Zone::finished(const Question& question, Found found, unsigned aliases) const {
  Answer out;
  const auto fits = [&](const Record& record) {
    const auto type = type_of(record.data);
    return question.type == Type::any || type == question.type || type == Type::cname;
  };
  std::ranges::copy_if(found.records, std::back_inserter(out.records), fits);
  if (!out.records.empty()) {
    out.additional = std::move(found.additional);
    const auto* alias = std::get_if<Alias>(&out.records.front().data);
    if (alias == nullptr || question.type == Type::cname || aliases == 0) return out;
    auto rest = answer({alias->target, question.type}, aliases - 1);
    if (!rest) return out;
    out.code = rest->code;
    out.authority = std::move(rest->authority);
    std::ranges::move(rest->records, std::back_inserter(out.records));
    return out;
  }
  if (!found.there) out.code = Code::no_such_name;
  out.authority.push_back({domain_, Soa{.server = domain_.under({"ns", "dns"}),
                                        .mailbox = domain_.under({"hostmaster"}),
                                        .serial = serial_}});
  return out;
}

Zone::Found Zone::at(const Labels& labels, const Question& question) const {
  if (labels.empty()) {
    const Name server = domain_.under({"ns", "dns"});
    Found out{.there = true};
    out.records = {
        {question.name, NameServer{server}},
        {question.name, Soa{.server = server, .mailbox = domain_.under({"hostmaster"}), .serial = serial_}}};
    return out;
  }
  const Labels below(labels.begin(), labels.end() - 1);
  const auto& last = labels.back();
  if (last == "svc") return below_svc(below, question);
  if (last == "pod") return below_pod(below, question);
  if (last == "dns-version" && below.empty()) return {true, {{question.name, Text{std::string(kVersion)}}}};
  if (last != "dns") return {};
  if (below.empty()) return {.there = true};
  if (below != Labels{"ns"}) return {};
  Found out{.there = true};
  for (const auto& server : servers_) out.records.push_back({question.name, server});
  return out;
}

/// Any address, in any namespace: whether there is such a pod is not known here.
Zone::Found Zone::below_pod(const Labels& labels, const Question& question) {
  if (labels.size() < 2) return {.there = true};
  const auto address = labels.size() == 2 ? dashed_address(labels.front()) : std::nullopt;
  if (!address) return {};
  return {true, {{question.name, *address}}};
}

Zone::Found Zone::below_svc(const Labels& labels, const Question& question) const {
  if (labels.empty()) return {.there = true};
  const auto& ns = labels.back();
  if (labels.size() == 1) {
    auto entry = entries_.lower_bound({ns, ""});
    while (entry != entries_.end() && entry->first.first == ns && !entry->second.there) ++entry;
    return {.there = entry != entries_.end() && entry->first.first == ns};
  }
  const auto found = entries_.find({ns, labels[labels.size() - 2]});
  if (found == entries_.end() || !found->second.there) return {};
  const auto& entry = found->second;
  const Labels below(labels.begin(), labels.end() - 2);
  if (entry.headless) return of_hosts(entry, below, question);
  if (!entry.external) return of_addresses(entry, below, question);
  if (!below.empty()) return {};
  return {true, {{question.name, Alias{*entry.external}}}};
}

/// A Service with ClusterIPs.
Zone::Found Zone::of_addresses(const Entry& entry, const Labels& labels, const Question& question) {
  Found out{.there = labels.empty()};
  // What the SRV records lead to: the name asked for, without port and protocol.
  const auto skipped = static_cast<std::ptrdiff_t>(labels.size());
  const Name service{{question.name.labels.begin() + skipped, question.name.labels.end()}};
  for (const auto& port : entry.ports) {
    if (labels.size() > 2 || (!labels.empty() && !asks_for(labels.back(), port.protocol))) continue;
    if (labels.size() == 2 && !asks_for(labels.front(), port.name)) continue;
    out.there = true;
    if (labels.size() != 1 && wants_services(question))
      out.records.push_back({question.name, Srv{.port = port.number, .target = service}});
  }
  auto& into = labels.empty() && question.type != Type::srv ? out.records : out.additional;
  if (labels.empty() || !out.records.empty())
    for (const auto& address : entry.addresses) into.push_back({service, address});
  return out;
}

/// A headless Service: as many names as it has ready endpoints, and none at all without them.
Zone::Found Zone::of_hosts(const Entry& entry, const Labels& labels, const Question& question) {
  Found out;
  const auto skipped = static_cast<std::ptrdiff_t>(labels.size());
  const Name service{{question.name.labels.begin() + skipped, question.name.labels.end()}};
  const bool of_ports = !labels.empty() && labels.back().starts_with('_');
  std::set<std::pair<std::string, IpAddr>> addresses;      // of hosts that SRV records lead to
  std::set<IpAddr> plain;                                  // at the name itself
  std::set<std::pair<std::uint16_t, std::string>> serves;  // an endpoint of both families is one
  for (const auto& [name, slice] : entry.slices) {
    for (const auto& host : slice.hosts) {
      if (labels.empty() || (labels.size() == 1 && labels.front() == host.label)) plain.insert(host.address);
      if (labels.size() > 2 || (!labels.empty() && !of_ports)) continue;
      for (const auto& port : slice.ports) {
        if (of_ports && !asks_for(labels.back(), port.protocol)) continue;
        if (labels.size() == 2 && !asks_for(labels.front(), port.name)) continue;
        out.there = true;
        if (labels.size() == 1 || !wants_services(question)) continue;
        serves.insert({port.number, host.label});
        addresses.insert({host.label, host.address});
      }
    }
  }
  for (const auto& address : plain) out.records.push_back({question.name, address});
  for (const auto& [port, label] : serves)
    out.records.push_back({question.name, Srv{.port = port, .target = service.under({label})}});
  for (const auto& [label, address] : addresses) out.additional.push_back({service.under({label}), address});
  out.there = out.there || !plain.empty();
  return out;
}

}  // namespace podwire::dns
