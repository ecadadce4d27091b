#include "server/service_upkeep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "kube/codec/go_time.h"
#include "kube/json.h"
#include "server/record_event.h"
#include "server/service_cidr_guard.h"

namespace podwire::server {
namespace {

using namespace std::chrono_literals;
using kube::text_in;

constexpr auto kRepairEvery = 3min;  // as kube-apiserver
/// So long a deleted ServiceCIDR stays at least: other allocators may still give out of it (kube-controller-
/// manager's grace).
constexpr auto kDeletionGrace = 10s;

const kube::Resource& service_cidrs() {
  static const auto& it = *kube::Schema::builtin().kind("networking.k8s.io/v1", "ServiceCIDR");
  return it;
}

/// nullopt: it is not being deleted, or nothing of ours holds it.
std::optional<std::chrono::sys_seconds> deleted_at(const json::object& object) {
  const auto* finalizers = kube::array_in(object, "metadata", "finalizers");
  const json::value ours(kServiceCidrFinalizer);
  if (finalizers == nullptr || std::ranges::find(*finalizers, ours) == finalizers->end()) return std::nullopt;
  const auto time =
      kube::parse_time(text_in(object, "metadata", "deletionTimestamp"), kube::TimeForm::seconds);
  if (!time) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(time->seconds));
}

void drop_finalizer(json::object& object) {
  auto& finalizers = object["metadata"].get_object()["finalizers"].get_array();
  const auto at = std::ranges::find(finalizers, json::value(kServiceCidrFinalizer));
  if (at != finalizers.end()) finalizers.erase(at);
}

std::vector<std::string> texts(const std::vector<Cidr>& cidrs) {
  std::vector<std::string> out;
  out.reserve(cidrs.size());
  for (const auto& cidr : cidrs) out.push_back(cidr.str());
  return out;
}

}  // namespace

Task<void> ServiceUpkeep::tick() {
  co_await finish_deletions();
  const auto now = registry_.world().now();
  if (now < next_round_ && !pool_->wants_repair) co_return;
  next_round_ = now + kRepairEvery;
  co_await repair_.round();
}

Task<void> ServiceUpkeep::finish_deletions() {
  ListQuery query{
      .resource = group_resource(service_cidrs()).str(), .ns = std::nullopt, .after = std::nullopt};
  query.matches = [](const Object& o) { return o.json.contains("\"deletionTimestamp\""); };
  const auto page = registry_.store().list(query);
  if (!page) co_return;
  for (const auto& item : page->items) co_await finish_deletion(*item);
}

Task<void> ServiceUpkeep::finish_deletion(const Object& service_cidr) {
  const auto since = deleted_at(parse_stored(service_cidr));
  if (!since) co_return;
  const auto now = registry_.world().now();
  const Place place{"", service_cidr.key.name};
  const Author author{.manager = "service-cidr-controller"};
  if (pool_->ips.still_needed_by(service_cidr.key.name)) {
    Registry::Change change = [now](const json::object* live) -> kube::Answer<json::object> {
      auto out = *live;
      set_ready(out, false, "Terminating",
                "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new "
                "ServiceCIDR",
                now);
      return out;
    };
    const auto written = co_await registry_.update(service_cidrs(), place, "status", change, author, {});
    (void)written;  // the next tick tries again
    co_return;
  }
  if (now - *since < kDeletionGrace) co_return;
  Registry::Change change = [](const json::object* live) -> kube::Answer<json::object> {
    auto out = *live;
    if (deleted_at(out)) drop_finalizer(out);
    return out;
  };
  const auto written = co_await registry_.update(service_cidrs(), place, "", change, author, {});
  (void)written;
}

Task<void> ServiceUpkeep::compare_with_flags(std::vector<Cidr> flags) {
  const Place place{"", std::string(kDefaultServiceCidr)};
  const auto found = registry_.find(service_cidrs(), place);
  if (!found) co_return;
  const auto object = parse_stored(*found);
  const auto stored = cidrs_of(object);
  if (!stored || *stored == flags || !text_in(object, "metadata", "deletionTimestamp").empty()) co_return;
  Occurrence told{.api_version = "networking.k8s.io/v1",
                  .kind = "ServiceCIDR",
                  .ns = {},
                  .name = place.name,
                  .uid = std::string(text_in(object, "metadata", "uid")),
                  .reason = "KubernetesDefaultServiceCIDRInconsistent",
                  .message = fmt::format(
                      "The default ServiceCIDR [{}] does not match the controller flag configurations [{}]",
                      fmt::join(texts(*stored), " "), fmt::join(texts(flags), " ")),
                  .component = "kubernetes-service-cidr-controller"};
  if (flags.size() == 2 && stored->size() == 1 && flags.front() == stored->front()) {
    Registry::Change change = [&](const json::object* live) -> kube::Answer<json::object> {
      auto out = *live;
      json::array cidrs;
      for (const auto& cidr : flags) cidrs.emplace_back(cidr.str());
      kube::object_at(out, "spec")["cidrs"] = std::move(cidrs);
      return out;
    };
    const Author author{.manager = told.component};
    const auto written = co_await registry_.update(service_cidrs(), place, "", change, author, {});
    if (written) co_return;
    told.reason = "KubernetesDefaultServiceCIDRError";
    told.message = fmt::format("The default ServiceCIDR can not be upgraded from {} to dual stack [{}] : {}",
                               flags.front().str(), fmt::join(texts(flags), " "), written.error().message);
  }
  co_await record_warning(registry_, std::move(told));
}

}  // namespace podwire::server
