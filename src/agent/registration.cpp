#include "agent/registration.h"

#include <chrono>

#include "agent/trouble.h"
#include "client/backoff.h"
#include "client/refusal.h"

namespace podwire::agent {
namespace {

using client::Task;
using kube::Answer;
using namespace std::chrono_literals;

constexpr auto kStatusEvery = 5min;  // where nothing changed
constexpr auto kLeaseEvery = 10s;
constexpr std::chrono::milliseconds kLeaseRetry = 500ms;

kube::Time now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Answer<> outcome_of(const Answer<json::object>& answer) {
  if (!answer) return std::unexpected(answer.error());
  return {};
}

}  // namespace

Registration::Registration(boost::asio::io_context& io, client::Api api, client::Informer<kube::Node>& nodes,
                           NodeClaim claim)
    : api_(std::move(api)), nodes_(nodes), claim_(std::move(claim)), changed_(io, api_.clock()) {
  nodes_.on_change([this](const auto& before, const auto& after) {
    if ((after ? after : before)->meta.name == claim_.name) changed_.set();
  });
  nodes_.on_progress([this, first = true]() mutable {
    if (first) changed_.set();
    first = false;
  });
}

void Registration::set_addresses(std::vector<IpAddr> addresses) {
  if (claim_.addresses == addresses) return;
  claim_.addresses = std::move(addresses);
  changed_.set();
}

void Registration::set_ready(bool ready, std::string reason, std::string message) {
  if (claim_.ready == ready && claim_.reason == reason && claim_.message == message) return;
  claim_.ready = ready;
  claim_.reason = std::move(reason);
  claim_.message = std::move(message);
  changed_.set();
}

Task<void> Registration::keep_node() {
  client::Backoff backoff;
  Trouble trouble("keep the Node up to date");
  while (true) {
    std::optional<client::Clock::Time> due;
    if (nodes_.synced()) due = last_status_ + kStatusEvery;
    co_await changed_.wait(due);
    if (!nodes_.synced()) continue;
    const auto done = co_await update();
    if (done) {
      trouble.worked();
      backoff.succeeded(api_.clock().now());
      continue;
    }
    trouble.failed(client::sentence(done.error()));
    co_await api_.clock().sleep(backoff.failed(api_.clock().now(), api_.clock().chance()));
    changed_.set();
  }
}

Task<Answer<>> Registration::update() {
  const client::ObjectPath path{"nodes", "", claim_.name, ""};
  const auto node = nodes_.find("", claim_.name);
  std::vector<kube::Condition> conditions;
  if (!node) {
    auto object = new_node(claim_);
    client::ObjectPath all{"nodes", "", "", ""};
    const auto made = co_await api_.create(std::move(all), std::move(object));
    if (!made && made.error().reason != "AlreadyExists") co_return std::unexpected(made.error());
  } else {
    conditions = node->conditions;
    auto labels = label_patch(claim_, *node);
    if (!labels.empty()) {
      json::value patch(std::move(labels));
      const auto patched = co_await api_.patch(path, std::move(patch));
      if (!patched) co_return std::unexpected(patched.error());
    }
  }
  const bool due = api_.clock().now() - last_status_ >= kStatusEvery;
  if (node && !due && !is_outdated(claim_, *node)) co_return Answer<>();
  json::value patch(status_patch(claim_, conditions, now()));
  auto status = path;
  status.subresource = "status";
  const auto patched = co_await api_.patch(std::move(status), std::move(patch), client::PatchType::strategic);
  if (patched) last_status_ = api_.clock().now();
  co_return outcome_of(patched);
}

Task<void> Registration::keep_lease() {
  Trouble trouble("renew the node's Lease");
  while (true) {
    const auto done = co_await renew();
    if (done)
      trouble.worked();
    else
      trouble.failed(client::sentence(done.error()));
    const auto wait = done && *done ? std::chrono::milliseconds(kLeaseEvery) : kLeaseRetry;
    co_await api_.clock().sleep(wait);
  }
}

Task<Answer<bool>> Registration::renew() {
  const client::ObjectPath path{"leases.coordination.k8s.io", "kube-node-lease", claim_.name, ""};
  json::value patch(lease_renewal(claim_.name, now()));
  const auto patched = co_await api_.patch(path, std::move(patch));
  if (patched) co_return true;
  if (patched.error().code != 404) co_return std::unexpected(patched.error());
  const auto node = nodes_.find("", claim_.name);
  if (!node) co_return false;
  client::ObjectPath all{"leases.coordination.k8s.io", "kube-node-lease", "", ""};
  auto lease = new_lease(claim_.name, node->meta.uid, now());
  const auto made = co_await api_.create(std::move(all), std::move(lease));
  if (!made) co_return std::unexpected(made.error());
  co_return true;
}

}  // namespace podwire::agent
