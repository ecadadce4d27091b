#include "agent/join.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <chrono>

#include "base/base64.h"
#include "client/refusal.h"
#include "http/tls_client.h"
#include "kube/json.h"
#include "pki/key.h"
#include "pki/signing_request.h"

namespace podwire::agent {
namespace {

namespace json = kube::json;
using http::Task;

std::unexpected<Obstacle> passing(Error error) { return std::unexpected(Obstacle{std::move(error), false}); }
std::unexpected<Obstacle> lasting(Error error) { return std::unexpected(Obstacle{std::move(error), true}); }

std::unexpected<Obstacle> refused(const std::string& url, int status, std::string_view body) {
  Error error{.verb = "join", .object = url};
  if (status == 401)
    error.detail =
        "the server does not accept the token's secret; compare it with the server's node-token file";
  else
    error.detail = client::sentence(client::refusal_from(status, body));
  return std::unexpected(Obstacle{std::move(error), status >= 400 && status < 500 && status != 429});
}

template <class T>
std::vector<T> all_in(const json::object& object, std::string_view key,
                      Result<T> (*parse)(std::string_view)) {
  std::vector<T> out;
  if (const auto* list = kube::array_in(object, key))
    for (const auto& entry : *list)
      if (entry.is_string())
        if (auto parsed = parse(entry.get_string())) out.push_back(std::move(*parsed));
  return out;
}

ClusterFacts facts_in(const json::object& object) {
  return {.cluster_cidrs = all_in<Cidr>(object, "clusterCIDRs", Cidr::parse),
          .service_cidrs = all_in<Cidr>(object, "serviceCIDRs", Cidr::parse),
          .cluster_dns = all_in<IpAddr>(object, "clusterDNS", IpAddr::parse),
          .cluster_domain = std::string(kube::text_in(object, "clusterDomain"))};
}

std::string joined(std::span<const IpAddr> addresses) {
  std::string out;
  for (const auto& address : addresses) out += (out.empty() ? "" : ",") + address.str();
  return out;
}

/// The cluster's CA, which nothing but the token's hash speaks for.
Task<Attempt<std::string>> fetch_ca(boost::asio::io_context& io, std::string url, pki::JoinToken token) {
  auto client = http::TlsClient::make(io, {.url = url, .verify = false, .answer_bytes = 1 << 20});
  if (!client) co_return lasting(std::move(client.error()));
  http::Call call{.target = "/cacerts"};
  auto reply = co_await (*client)->send(std::move(call));
  if (!reply) co_return passing(std::move(reply.error()));
  if (reply->status != 200)
    co_return lasting(
        {.verb = "join",
         .object = url,
         .detail = fmt::format("it is no podwire server: it answers GET /cacerts with {}", reply->status)});
  if (!token.is_of(reply->body))
    co_return lasting({.verb = "join",
                       .object = url,
                       .detail = "its CA is not the one that the token is for: this is another cluster's "
                                 "server or token, or somebody between us and it"});
  co_return std::move(reply->body);
}

class Joining {
 public:
  Joining(http::Client& server, const JoinRequest& request, std::string ca)
      : server_(server), request_(request), ca_(std::move(ca)) {}

  Task<Attempt<Joined>> run(std::chrono::sys_seconds now) {
    auto facts = co_await fetch_facts();
    if (!facts) co_return std::unexpected(std::move(facts.error()));
    auto stored = stored_identity(request_.data_dir);
    if (!stored) co_return lasting(std::move(stored.error()));
    if (*stored && (*stored)->ca == ca_ && is_good(**stored, request_.node, request_.addresses, now))
      co_return Joined{std::move(**stored), std::move(*facts)};
    auto identity = co_await certify();
    if (!identity) co_return std::unexpected(std::move(identity.error()));
    if (auto done = store_identity(request_.data_dir, *identity); !done)
      co_return lasting(std::move(done.error()));
    co_return Joined{std::move(*identity), std::move(*facts)};
  }

 private:
  [[nodiscard]] http::Headers authorization() const {
    return {{"Authorization", "Basic " + base64_encode(request_.token.user + ":" + request_.token.secret)}};
  }

  Task<Attempt<ClusterFacts>> fetch_facts() {
    http::Call call{.target = "/v1-podwire/config", .headers = authorization()};
    auto reply = co_await server_.send(std::move(call));
    if (!reply) co_return passing(std::move(reply.error()));
    if (reply->status != 200) co_return refused(request_.url, reply->status, reply->body);
    const auto parsed = client::parsed(reply->body);
    if (!parsed || !parsed->is_object())
      co_return passing({.verb = "join", .object = request_.url, .detail = "its answer is no JSON object"});
    co_return facts_in(parsed->get_object());
  }

  Task<Attempt<Identity>> certify() {
    const auto password = node_password(request_.data_dir);
    if (!password) co_return lasting(password.error());
    const auto key = pki::make_key();
    if (!key) co_return lasting(key.error());
    auto key_pem = pki::pem_of(key->get());
    auto signing = pki::make_signing_request({"system:node:" + request_.node, {"system:nodes"}}, key->get());
    if (!key_pem || !signing) co_return lasting(key_pem ? signing.error() : key_pem.error());
    http::Call call{.method = "POST",
                    .target = "/v1-podwire/node-certificate",
                    .headers = authorization(),
                    .body = std::move(*signing)};
    call.headers.emplace_back("Podwire-Node-Password", *password);
    call.headers.emplace_back("Podwire-Node-Addresses", joined(request_.addresses));
    auto reply = co_await server_.send(std::move(call));
    if (!reply) co_return passing(std::move(reply.error()));
    if (reply->status != 201) co_return refused(request_.url, reply->status, reply->body);
    co_return Identity{ca_, std::move(reply->body), std::move(*key_pem)};
  }

  http::Client& server_;
  const JoinRequest& request_;
  std::string ca_;
};

}  // namespace

Task<Attempt<Joined>> join_cluster(boost::asio::io_context& io, JoinRequest request) {
  auto ca = co_await fetch_ca(io, request.url, request.token);
  if (!ca) co_return std::unexpected(std::move(ca.error()));
  auto server = http::TlsClient::make(io, {.url = request.url, .ca = *ca, .answer_bytes = 1 << 20});
  if (!server) co_return lasting(std::move(server.error()));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  Joining joining(**server, request, std::move(*ca));
  co_return co_await joining.run(now);
}

}  // namespace podwire::agent
