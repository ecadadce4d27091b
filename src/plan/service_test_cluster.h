#pragma once
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "plan/service_addresses.h"

/// For tests of what Services get.
namespace podwire::plan {

/// A cluster whose pools give their lowest address or port first.
struct Cluster {
  explicit Cluster(std::vector<Family> with = {Family::v4, Family::v6})
      : families(std::move(with)), ips([] { return 0U; }), ports({30000, 30015}, [] { return 0U; }) {
    for (const auto family : families) {
      const std::vector cidrs{Cidr::parse(family == Family::v4 ? "10.96.0.0/28" : "fd96::/124").value()};
      EXPECT_TRUE(ips.add(std::string(podwire::name_of(family)), cidrs));
    }
  }

  /// As the server does it. What is refused comes back as one text, "" else.
  std::string put(const ServiceFields* old, const ServiceFields& now, bool dry_run = false) {
    auto plan = plan_addresses(old, now, families);
    if (!plan) return text(plan.error());
    if (const auto ok = take(*plan, ips, ports); !ok) return text(ok.error());
    stored = plan->fields;
    if (dry_run)
      undo(*plan, ips, ports);
    else
      release(*plan, ips, ports);
    return "";
  }
  std::string create(const ServiceFields& service) { return put(nullptr, service); }
  std::string update(const ServiceFields& now) {
    const auto old = stored;
    return put(&old, now);
  }

  static std::string text(const AddressRefusal& refusal) {
    std::string out = refusal.internal;
    for (const auto& one : refusal.fields) out += (out.empty() ? "" : "; ") + one.field + ": " + one.message;
    return out;
  }
  [[nodiscard]] std::string addresses() const {
    std::string out;
    for (const auto& ip : stored.cluster_ips) out += (out.empty() ? "" : ",") + ip;
    return out;
  }
  [[nodiscard]] std::string family_list() const {
    std::string out;
    for (const auto family : stored.families)
      out += (out.empty() ? "" : ",") + std::string(podwire::name_of(family));
    return out;
  }
  [[nodiscard]] std::uint64_t in_use() const {
    return ips.taken_count(Family::v4) + ips.taken_count(Family::v6);
  }

  std::vector<Family> families;
  ClusterIps ips;
  NodePorts ports;
  ServiceFields stored;
};

inline ServiceFields service(ServiceType type = ServiceType::cluster_ip) {
  return {.type = type, .has_selector = true, .ports = {{.name = "web", .port = 80}}};
}

}  // namespace podwire::plan
