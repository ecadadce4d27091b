#include "server/node_proxy.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/ascii.h"
#include "http/crew.h"
#include "http/tls_client.h"

namespace podwire::server {
namespace {

using namespace std::chrono_literals;
using http::Task;

constexpr std::size_t kPiece = 32 << 10;
constexpr std::size_t kLongestRefusal = 4 << 10;
constexpr auto kConnect = 5s;
constexpr auto kFirstAnswer = 60s;
constexpr auto kFollow = std::chrono::hours(24 * 365);  // a pod may have nothing to say for long

Task<int> send_status(const kube::Status& status, http::Responder& out) {
  http::Headers headers{{"Content-Type", "application/json"}, {"Cache-Control", "no-cache, private"}};
  auto body = boost::json::serialize(kube::to_json(status));
  co_await out.send(status.code, std::move(headers), std::move(body));
  co_return status.code;
}

/// Those that belong to the protocol that the connection shall change to.
bool belongs_to_upgrade(std::string_view name) {
  for (const std::string_view known : {"Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version",
                                       "Sec-WebSocket-Protocol", "Sec-WebSocket-Accept"})
    if (same_ignoring_case(name, known)) return true;
  return false;
}

http::Headers upgrade_headers(const http::Headers& all) {
  http::Headers out;
  for (const auto& header : all)
    if (belongs_to_upgrade(header.first)) out.push_back(header);
  return out;
}

/// One direction of two connections that have become one.
Task<void> pump(http::Duplex& from, http::Duplex& to) {
  for (;;) {
    auto piece = co_await from.read_some(kPiece);
    if (!piece || piece->empty()) break;
    const auto written = co_await to.write_all(std::move(*piece));
    if (!written) break;
  }
  from.close();
  to.close();
}

/// A log, until the node ends it. `broken`: it was cut off, and the client must not take it for whole.
Task<void> pump_answer(http::Incoming& from, http::Responder& to, bool& broken) {
  for (;;) {
    auto piece = co_await from.read(kFollow);
    broken = !piece;
    if (broken || piece->empty()) break;
    if (!co_await to.write(std::move(*piece))) break;
  }
  to.wake();
}

}  // namespace

kube::Status refusal_of(const NodeCall& call, int status, std::string_view said) {
  while (said.ends_with('\n')) said.remove_suffix(1);
  const std::string message(said);
  if (status == 400) return kube::bad_request(message).error();
  if (status == 404)
    return {.code = 404, .reason = "NotFound", .message = message, .name = call.pod, .kind = "pods"};
  if (status == 401 || status == 403)
    return kube::internal_error(fmt::format("node {} does not let the API server in: {}", call.node, message))
        .error();
  return {.code = 500, .reason = "InternalError", .message = message};
}

kube::Status unreachable(const NodeCall& call, const Error& why) {
  return {.code = 502,
          .reason = "InternalError",
          .message = fmt::format("node {} cannot be asked: {}", call.node, why.message())};
}

Task<int> NodeProxy::relay(const NodeCall& call, const http::Request& request, http::Responder& out) {
  const bool v6 = call.host.find(':') != std::string::npos;
  http::TlsClient::Options options{
      .url = fmt::format("https://{}{}{}:{}", v6 ? "[" : "", call.host, v6 ? "]" : "", call.port),
      .ca = pki_.ca,
      .certificate = pki_.kubelet_client,
      .key = pki_.kubelet_client_key,
      .connect = kConnect,
      .request = kFirstAnswer};
  const auto node = http::TlsClient::make(io_, std::move(options));
  int code = 0;
  if (!node)
    code = co_await send_status(unreachable(call, node.error()), out);
  else if (request.header("Upgrade").empty())
    code = co_await relay_answer(**node, call, out);
  else
    code = co_await relay_upgrade(**node, call, request, out);
  co_return code;
}

Task<int> NodeProxy::relay_answer(http::Client& node, const NodeCall& call, http::Responder& out) {
  http::Call asked{.target = call.target};
  auto incoming = co_await node.open(std::move(asked));
  if (!incoming) {
    const int code = co_await send_status(unreachable(call, incoming.error()), out);
    co_return code;
  }
  if ((*incoming)->status() != 200) {
    std::string said;
    while (said.size() < kLongestRefusal) {
      const auto piece = co_await (*incoming)->read(kConnect);
      if (!piece || piece->empty()) break;
      said += *piece;
    }
    const int code = co_await send_status(refusal_of(call, (*incoming)->status(), said), out);
    co_return code;
  }
  http::Headers headers{{"Content-Type", "text/plain"}, {"Cache-Control", "no-cache, private"}};
  out.be_patient();
  if (!co_await out.begin(200, std::move(headers))) co_return 200;
  http::Crew crew(io_.get_executor());
  bool broken = false;
  crew.start(pump_answer(**incoming, out, broken));
  while (crew.working() > 0 && !out.gone()) co_await out.wait(kFollow);
  incoming->reset();  // who still reads gets an error
  co_await crew.join();
  if (!broken && !out.gone()) co_await out.end();
  co_return 200;
}

Task<int> NodeProxy::relay_upgrade(http::Client& node, const NodeCall& call, const http::Request& request,
                                   http::Responder& out) {
  http::Call asked{
      .method = request.method, .target = call.target, .headers = upgrade_headers(request.headers)};
  auto upgraded = co_await node.upgrade(std::move(asked));
  if (!upgraded || upgraded->stream == nullptr) {
    const auto status = upgraded ? refusal_of(call, upgraded->reply.status, upgraded->reply.body)
                                 : unreachable(call, upgraded.error());
    const int code = co_await send_status(status, out);
    co_return code;
  }
  auto client = co_await out.upgrade(upgrade_headers(upgraded->reply.headers));
  if (!client) co_return 101;
  http::Crew crew(io_.get_executor());
  crew.start(pump(**client, *upgraded->stream));
  crew.start(pump(*upgraded->stream, **client));
  co_await crew.join();
  co_return 101;
}

}  // namespace podwire::server
