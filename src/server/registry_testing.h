#pragma once
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <memory>
#include <optional>
#include <string>

#include "kube/json.h"
#include "server/bootstrap.h"
#include "server/registry.h"
#include "server/service_account_guard.h"
#include "server/service_guard.h"

namespace podwire::server {

/// A registry over a store in memory, with a clock that stands still and chance that counts.
class RegistryTest : public testing::Test {
 protected:
  explicit RegistryTest(const Flags& flags = {}) {
    world_.now = [this] { return now_; };
    world_.random = [this] { return chance_ += 0x9e3779b97f4a7c15; };
    auto store = Store::open({}, [this](std::function<void()> f) { boost::asio::post(io_, std::move(f)); });
    EXPECT_TRUE(store.has_value());
    store_ = std::move(*store);
    registry_.emplace(kube::Schema::builtin(), *store_, world_, kube::RuleOptions{});
    options_ = *options_of(flags);
    pool_ = guard_services(*registry_, options_);
    registry_->guard("namespaces", namespace_guard(*registry_, "PEM"));
    registry_->guard("pods", service_account_guard(*registry_));
    EXPECT_TRUE(wait(bootstrap(*registry_, options_, *IpAddr::parse("192.0.2.1"), 6443)).has_value());
  }

  /// Runs a coroutine to its end.
  void wait(Task<void> task) {
    boost::asio::co_spawn(io_, std::move(task),
                          [&](const std::exception_ptr& bug) { EXPECT_EQ(bug, nullptr); });
    run();
  }
  /// ... and all else that there is to do.
  void run() {
    io_.restart();
    io_.run();
  }
  /// Runs one that has something to say.
  template <class T>
  T wait(Task<T> task) {
    std::optional<T> out;
    boost::asio::co_spawn(io_, std::move(task), [&](const std::exception_ptr& bug, T result) {
      EXPECT_EQ(bug, nullptr);
      out = std::move(result);
    });
    run();
    return std::move(*out);
  }

  static const kube::Resource& resource(std::string_view kind) {
    for (const std::string_view version : {"v1", "networking.k8s.io/v1", "events.k8s.io/v1", "apps/v1"})
      if (const auto* found = kube::Schema::builtin().kind(version, kind)) return *found;
    throw std::logic_error("no such kind");
  }
  static std::string ns_of(std::string_view kind) { return resource(kind).namespaced ? "default" : ""; }
  kube::Answer<Written> create(std::string_view kind, std::string_view text, std::string ns = "default",
                               WriteOptions options = {}) {
    return wait(registry_->create(resource(kind), {std::move(ns), ""}, json::parse(text).as_object(),
                                  {.manager = "test"}, std::move(options)));
  }
  kube::Answer<Written> change(std::string_view kind, std::string name,
                               const std::function<void(json::object&)>& how, WriteOptions options = {},
                               std::string subresource = "") {
    return wait(registry_->update(
        resource(kind), {ns_of(kind), std::move(name)}, std::move(subresource),
        [how](const json::object* live) -> kube::Answer<json::object> {
          auto out = *live;
          how(out);
          return out;
        },
        {.manager = "test"}, std::move(options)));
  }
  kube::Answer<Removed> remove(std::string_view kind, std::string name, DeleteOptions options = {}) {
    return wait(registry_->remove(resource(kind), {ns_of(kind), std::move(name)}, std::move(options)));
  }
  std::optional<json::object> get(std::string_view kind, std::string name, std::string ns = "default") {
    const auto found = registry_->find(resource(kind), {std::move(ns), std::move(name)});
    if (!found) return std::nullopt;
    return parse_stored(*found);
  }
  bool address_exists(std::string_view address) {
    return store_->get({"ipaddresses.networking.k8s.io", "", std::string(address)}) != nullptr;
  }

  boost::asio::io_context io_{1};
  std::chrono::sys_seconds now_{std::chrono::seconds(1'763'899'200)};
  std::uint64_t chance_ = 0;
  World world_;
  std::unique_ptr<Store> store_;
  std::optional<Registry> registry_;
  Options options_;
  std::shared_ptr<ServicePool> pool_;
};

}  // namespace podwire::server
