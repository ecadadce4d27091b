#include "dns/zone.h"

#include <algorithm>

namespace podwire::dns {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

}  // namespace

Zone::Zone(Name domain, std::vector<IpAddr> servers)
    : domain_(std::move(domain)), svc_(domain_.under({"svc"})), servers_(std::move(servers)) {}

void Zone::set(const kube::Service& service) {
  const Key key{service.meta.namespace_, service.meta.name};
  auto& entry = entries_[key];
  point_all(Point::remove, key, entry);
  entry.there = true;
  entry.headless = service.headless;
  entry.external.reset();
  entry.addresses.clear();
  entry.ports.clear();
  if (service.type == "ExternalName") {
    entry.external = Name::parse(service.external_name);
  } else {
    entry.addresses = service.cluster_ips;
    for (const auto& port : service.ports)
      entry.ports.push_back({port.name, lower(port.protocol), static_cast<std::uint16_t>(port.port)});
  }
  point_all(Point::add, key, entry);
  ++serial_;
}

void Zone::remove(const kube::Service& service) {
  const Key key{service.meta.namespace_, service.meta.name};
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  point_all(Point::remove, key, found->second);
  found->second = Entry{.slices = std::move(found->second.slices)};
  drop_if_empty(key);
  ++serial_;
}

void Zone::set(const kube::EndpointSlice& slice) {
  remove(slice);
  const std::string service(kube::text_of(slice.meta.labels, "kubernetes.io/service-name"));
  if (service.empty()) return;
  const Key key{slice.meta.namespace_, service};
  owners_[{slice.meta.namespace_, slice.meta.name}] = service;
  auto& entry = entries_[key];
  auto& into = entry.slices[slice.meta.name];
  for (const auto& endpoint : slice.endpoints) {
    if (!endpoint.ready) continue;  // where unready ones are to be published, their slice says ready
    for (const auto& text : endpoint.addresses) {
      const auto address = IpAddr::parse(text);  // an FQDN slice has none
      if (address)
        into.hosts.push_back(
            {endpoint.hostname.empty() ? dashed(*address) : lower(endpoint.hostname), *address});
    }
  }
  for (const auto& port : slice.ports)
    into.ports.push_back(
        {port.name, lower(port.protocol), static_cast<std::uint16_t>(port.port.value_or(0))});
  point(Point::add, key, entry, into);
  ++serial_;
}

void Zone::remove(const kube::EndpointSlice& slice) {
  const auto owner = owners_.find({slice.meta.namespace_, slice.meta.name});
  if (owner == owners_.end()) return;
  const Key key{slice.meta.namespace_, owner->second};
  owners_.erase(owner);
  auto& entry = entries_[key];
  const auto held = entry.slices.find(slice.meta.name);
  point(Point::remove, key, entry, held->second);
  entry.slices.erase(held);
  drop_if_empty(key);
  ++serial_;
}

void Zone::drop_if_empty(const Key& key) {
  const auto found = entries_.find(key);
  if (!found->second.there && found->second.slices.empty()) entries_.erase(found);
}

Name Zone::name_of(const Key& key) const { return svc_.under({key.second, key.first}); }

void Zone::point(Point what, const IpAddr& address, Name name) {
  auto& names = pointers_[address];
  if (what == Point::add) {
    names.push_back(std::move(name));
    return;
  }
  if (const auto held = std::ranges::find(names, name); held != names.end()) names.erase(held);
  if (names.empty()) pointers_.erase(address);
}

void Zone::point(Point what, const Key& key, const Entry& entry, const Slice& slice) {
  if (!entry.there || !entry.headless) return;
  const auto service = name_of(key);
  for (const auto& host : slice.hosts) point(what, host.address, service.under({host.label}));
}

void Zone::point_all(Point what, const Key& key, const Entry& entry) {
  for (const auto& address : entry.addresses) point(what, address, name_of(key));
  for (const auto& [name, slice] : entry.slices) point(what, key, entry, slice);
}

}  // namespace podwire::dns
