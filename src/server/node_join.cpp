#include "server/node_join.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/ascii.h"
#include "base/base64.h"
#include "kube/json.h"
#include "kube/rules/names.h"
#include "pki/digest.h"
#include "pki/key.h"
#include "pki/signing_request.h"
#include "server/auth/node_authorizer.h"

namespace podwire::server {
namespace {

using kube::Answer;
using pki::Subject;

constexpr std::chrono::days kLife{365};
constexpr int kWeakest = 112;  // bits of security of a node's key (NIST SP 800-57: RSA 2048, P-224)
constexpr std::size_t kShortestPassword = 32, kLongestPassword = 512;
constexpr std::string_view kPasswordHeader = "Podwire-Node-Password";
constexpr std::string_view kAddressesHeader = "Podwire-Node-Addresses";
const Author kSelf{.manager = "podwire-server"};

bool is_ours(const http::Request& r, std::string_view what) {
  return r.target.segments.size() == 2 && r.target.segments[0] == "v1-podwire" &&
         r.target.segments[1] == what;
}
bool is_config(const http::Request& r) { return is_ours(r, "config"); }
bool is_certificate(const http::Request& r) { return is_ours(r, "node-certificate"); }
bool is_cacerts(const http::Request& r) {
  return r.target.segments.size() == 1 && r.target.segments[0] == "cacerts";
}

/// user:secret of HTTP Basic (RFC 7617).
bool shows(const http::Request& r, const pki::JoinToken& token) {
  static constexpr std::string_view kScheme = "Basic ";
  const auto header = r.header("Authorization");
  if (!same_ignoring_case(header.substr(0, kScheme.size()), kScheme)) return false;
  const auto shown = base64_decode(header.substr(kScheme.size()));
  return shown && pki::same_secret(*shown, fmt::format("{}:{}", token.user, token.secret));
}

std::unexpected<kube::Status> refuse(std::string message) {
  return std::unexpected(kube::Status{.code = 403, .reason = "Forbidden", .message = std::move(message)});
}

/// The node that a request is for: CN=system:node:NAME, O=system:nodes, and nothing else.
Answer<std::string> node_in(const Subject& subject) {
  if (!subject.common_name.starts_with(kNodeUserPrefix) ||
      subject.organizations != std::vector<std::string>{std::string(kNodesGroup)})
    return refuse(
        "certificates are given to nodes only: the subject must be O=system:nodes, "
        "CN=system:node:NAME");
  auto name = subject.common_name.substr(kNodeUserPrefix.size());
  if (const auto wrong = kube::dns1123_subdomain(name); !wrong.empty())
    return kube::bad_request(fmt::format("\"{}\" is no name of a node: {}", name, wrong.front()));
  return name;
}

struct Wanted {
  std::string node;
  Subject subject;
  pki::PrivateKey key;  ///< its public half
};

Answer<Wanted> wanted_in(std::string_view pem) {
  const auto request = pki::signing_request_from_pem(pem);
  if (!request) return kube::bad_request(request.error().message());
  Wanted out{.subject = pki::subject_of(request->get())};
  out.node = TRY(node_in(out.subject));
  auto key = pki::public_key_of(request->get());
  if (!key) return kube::bad_request(key.error().message());
  if (EVP_PKEY_get_security_bits(key->get()) < kWeakest)
    return kube::bad_request("the key is too weak: at least RSA with 2048 bits, or ECDSA on P-256");
  out.key = std::move(*key);
  return out;
}

/// Passwords are long and random, which the join itself makes sure of: one round of SHA-256 is enough.
std::string hash_of(std::string_view salt, std::string_view password) {
  return pki::hex(pki::sha256(fmt::format("{}:{}", salt, password)));
}

/// "SALT:HASH", in data.hash of the node's Secret.
bool is_password(const json::object& secret, std::string_view password) {
  const auto text = base64_decode(kube::text_in(secret, "data", "hash"));
  if (!text) return false;
  const auto colon = text->find(':');
  if (colon == std::string::npos) return false;
  return pki::same_secret(std::string_view(*text).substr(colon + 1),
                          hash_of(std::string_view(*text).substr(0, colon), password));
}

std::string secret_name(std::string_view node) { return fmt::format("{}.node-password.podwire", node); }

}  // namespace

bool NodeJoin::is_for(const http::Request& r) { return is_cacerts(r) || is_config(r) || is_certificate(r); }

Task<Reply> NodeJoin::answer(const http::Request& r) {
  const bool fits = is_certificate(r) ? r.method == "POST" : r.method == "GET" || r.method == "HEAD";
  if (!fits) co_return reply_of(kube::method_not_allowed().error());
  if (is_cacerts(r)) co_return Reply{.body = pki_.ca, .content_type = "text/plain; charset=utf-8"};
  if (is_config(r)) {
    if (!shows(r, token_)) co_return reply_of(kube::unauthorized().error());
    co_return Reply{.body = json::serialize(config_), .content_type = "application/json"};
  }
  auto reply = co_await certify(r);
  co_return reply ? std::move(*reply) : reply_of(reply.error());
}

Task<Answer<Reply>> NodeJoin::certify(const http::Request& r) {
  if (!shows(r, token_)) co_return kube::unauthorized();
  const auto wanted = wanted_in(r.body);
  if (!wanted) co_return std::unexpected(wanted.error());
  std::string password(r.header(kPasswordHeader));
  if (password.size() < kShortestPassword || password.size() > kLongestPassword)
    co_return kube::bad_request(
        fmt::format("the header {} must hold a secret of the node's own, of {} to {} "
                    "random characters that it keeps",
                    kPasswordHeader, kShortestPassword, kLongestPassword));
  auto names = names_for(wanted->node, r);
  if (!names) co_return std::unexpected(std::move(names.error()));
  const auto known = co_await check_password(wanted->node, std::move(password));
  if (!known) co_return std::unexpected(known.error());
  const auto ca = pki::certificate_from_pem(pki_.ca);
  const auto ca_key = pki::key_from_pem(pki_.ca_key);
  if (!ca || !ca_key) co_return kube::internal_error("the CA cannot be read");
  const auto made = pki::make_certificate({.use = pki::CertificateRequest::Use::node,
                                           .subject = wanted->subject,
                                           .alternative_names = std::move(*names),
                                           .now = registry_.world().now(),
                                           .life = kLife},
                                          wanted->key.get(), ca->get(), ca_key->get());
  if (!made) co_return kube::internal_error(made.error().message());
  auto pem = pki::pem_of(made->get());
  if (!pem) co_return kube::internal_error(pem.error().message());
  co_return Reply{.code = 201, .body = std::move(*pem), .content_type = "application/pem-certificate-chain"};
}

Answer<std::vector<std::string>> NodeJoin::names_for(std::string_view node, const http::Request& r) const {
  const auto own = pki::certificate_from_pem(pki_.server);
  if (!own) return kube::internal_error("the server's certificate cannot be read");
  const auto is_own = [&](const std::string& name) { return pki::is_for(own->get(), name); };
  std::vector<std::string> out{fmt::format("DNS:{}", node)};
  if (is_own(out.front()))
    return refuse(fmt::format("a node cannot be called \"{}\": this is a name of the server", node));
  const bool beside = is_own("IP:" + r.peer.address);  // loopback among them
  for (auto rest = r.header(kAddressesHeader); !rest.empty();) {
    const auto comma = rest.find(',');
    const auto part = rest.substr(0, comma);
    const auto address = IpAddr::parse(part);
    if (!address)
      return kube::bad_request(fmt::format("{}: \"{}\" is no IP address", kAddressesHeader, part));
    out.push_back("IP:" + address->str());
    if (is_own(out.back()) && !beside)
      return refuse(fmt::format("{} is an address of the server: a node on another machine cannot have it",
                                address->str()));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return out;
}

Task<Answer<>> NodeJoin::check_password(std::string node, std::string password) {
  const auto* secrets = registry_.schema().resource("", "v1", "secrets");
  const Place place{"kube-system", secret_name(node)};
  // Made, or found: between two that come at once, one is first.
  if (!registry_.find(*secrets, place)) {
    const auto salt = pki::random_secret(16);
    if (!salt) co_return kube::internal_error(salt.error().message());
    const auto entry = base64_encode(fmt::format("{}:{}", *salt, hash_of(*salt, password)));
    json::object secret{
        {"metadata", {{"name", place.name}}}, {"immutable", true}, {"data", {{"hash", entry}}}};
    const auto made = co_await registry_.create(*secrets, {place.ns, ""}, std::move(secret), kSelf, {});
    if (!made && made.error().reason != "AlreadyExists") co_return std::unexpected(made.error());
  }
  const auto found = registry_.find(*secrets, place);
  if (found && is_password(parse_stored(*found), password)) co_return Answer<>();
  co_return refuse(fmt::format(
      "a node named \"{}\" has joined before with another node password. If it was set up anew, delete the "
      "Secret {}/{} and join again; if this is another machine, give it another name",
      node, place.ns, place.name));
}

json::object node_config(const Options& options) {
  const auto texts = [](const auto& values) {
    json::array out;
    for (const auto& value : values) out.push_back(json::string(value.str()));
    return out;
  };
  return {{"clusterCIDRs", texts(options.cluster_cidrs)},
          {"serviceCIDRs", texts(options.service_cidrs)},
          {"clusterDNS", texts(options.cluster_dns)},
          {"clusterDomain", "cluster.local"}};
}

}  // namespace podwire::server
