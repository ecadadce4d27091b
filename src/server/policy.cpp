#include "server/policy.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/array.hpp>
#include <exception>

#include "base/log.h"
#include "http/signal.h"
#include "kube/json.h"

namespace podwire::server {
namespace {

using kube::text_in;

const Author kSelf{.manager = "podwire-server"};
const Author kSums{.manager = "clusterrole-aggregation-controller"};

json::array to_json(const PolicyRules& rules) {
  json::array out;
  for (const auto& rule : rules) out.push_back(to_json(rule));
  return out;
}

/// Entries of the first that the second lacks are added to it.
void add_missing(const json::object& from, json::object& to) {
  for (const auto& [key, value] : from) to.emplace(key, value);
}

void add_rules(const json::object& wanted, json::object& live) {
  const auto missing = uncovered(rules_in(live), rules_in(wanted));
  if (missing.empty() || live.contains("aggregationRule")) return;
  auto& rules = live["rules"];
  if (!rules.is_array()) rules.emplace_array();
  for (const auto& rule : missing) rules.get_array().push_back(to_json(rule));
}

void add_subjects(const json::object& wanted, json::object& live) {
  const auto* list = kube::array_in(wanted, "subjects");
  if (list == nullptr) return;
  auto& subjects = live["subjects"];
  if (!subjects.is_array()) subjects.emplace_array();
  auto& there = subjects.get_array();
  for (const auto& subject : *list)
    if (std::ranges::find(there, subject) == there.end()) there.push_back(subject);
}

/// What is there, with what it lacks.
json::object completed(const json::object& wanted, json::object live) {
  if (text_in(live, "metadata", "annotations", "rbac.authorization.kubernetes.io/autoupdate") == "false")
    return live;
  auto& meta = kube::object_at(live, "metadata");
  for (const char* part : {"labels", "annotations"})
    if (const auto* entries = kube::object_in(wanted, "metadata", part))
      add_missing(*entries, kube::object_at(meta, part));
  if (const auto* rule = wanted.if_contains("aggregationRule")) live["aggregationRule"] = *rule;
  add_rules(wanted, live);
  add_subjects(wanted, live);
  return live;
}

Task<kube::Answer<>> ensure(Registry& registry, json::object object) {
  const auto* resource = registry.schema().kind(text_in(object, "apiVersion"), text_in(object, "kind"));
  const Place place{"", std::string(text_in(object, "metadata", "name"))};
  Registry::Change change = [object](const json::object* live) -> kube::Answer<json::object> {
    return live != nullptr ? completed(object, *live) : object;
  };
  const auto made = co_await registry.update(*resource, place, "", std::move(change), kSelf, {}, true);
  if (!made) co_return std::unexpected(made.error());
  co_return kube::Answer<>{};
}

}  // namespace

Task<kube::Answer<>> ensure_policy(Registry& registry) {
  // All at once: they become durable together, in a transaction or two.
  const auto executor = co_await boost::asio::this_coro::executor;
  http::Signal done(executor);
  std::size_t left = 0;
  kube::Answer<> outcome;
  for (auto& object : bootstrap_policy()) {
    ++left;
    boost::asio::co_spawn(executor, ensure(registry, std::move(object)),
                          [&](const std::exception_ptr& bug, kube::Answer<> made) {
                            if (bug) std::rethrow_exception(bug);
                            if (!made) outcome = std::move(made);
                            --left;
                            done.wake();
                          });
  }
  while (left > 0) co_await done.wait();
  co_return outcome;
}

Task<void> write_sums(Registry& registry, const Rbac& rbac) {
  const auto* resource = registry.schema().kind("rbac.authorization.k8s.io/v1", "ClusterRole");
  for (const auto& name : rbac.aggregated()) {
    Registry::Change change = [&rbac, name](const json::object* live) -> kube::Answer<json::object> {
      auto out = *live;
      const auto* rules = rbac.role("", name);
      if (rules != nullptr && live->contains("aggregationRule") && rules_in(out) != *rules)
        out["rules"] = to_json(*rules);
      return out;
    };
    const auto written = co_await registry.update(*resource, {"", name}, "", std::move(change), kSums, {});
    if (!written && written.error().code != 404)
      log::warn("the rules of an aggregated ClusterRole were not written",
                {{"name", name}, {"why", written.error().message}});
  }
}

}  // namespace podwire::server
