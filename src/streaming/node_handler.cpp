#include "streaming/node_handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <charconv>

#include "streaming/command_session.h"
#include "streaming/log_query.h"
#include "streaming/log_reader.h"
#include "streaming/port_forward.h"

namespace podwire::streaming {
namespace {

using namespace std::chrono_literals;

constexpr auto kApiServer = "kube-apiserver-kubelet-client";
constexpr auto kLook = 100ms;  // between two looks at a log that is followed
constexpr std::string_view kTunnel = "SPDY/3.1+portforward.k8s.io", kV5 = "v5.channel.k8s.io",
                           kV4 = "v4.channel.k8s.io";
constexpr std::string_view kCommandProtocols[] = {kV5, kV4};
constexpr std::string_view kForwardProtocols[] = {kTunnel, kV5, kV4};
constexpr std::size_t kMostPorts = 64;

kube::Status refusal(int code, std::string message) {
  return {.code = code, .reason = {}, .message = std::move(message)};
}

std::optional<kube::Status> keep_out(const http::Peer& peer) {
  if (!peer.certificate) return refusal(401, "Unauthorized");
  if (peer.common_name == kApiServer ||
      std::ranges::find(peer.organizations, "system:masters") != peer.organizations.end())
    return std::nullopt;
  return refusal(403, fmt::format("Forbidden (user={})", peer.common_name));
}

bool flag(const Query& query, std::string_view name) {
  return std::ranges::any_of(query, [&](const auto& entry) {
    return entry.first == name && (entry.second == "1" || entry.second == "true");
  });
}

ExecOptions exec_options(const Query& query) {
  ExecOptions out{.in = flag(query, "input"),
                  .out = flag(query, "output"),
                  .err = flag(query, "error"),
                  .terminal = flag(query, "tty")};
  for (const auto& [name, value] : query)
    if (name == "command") out.command.push_back(value);
  if (out.terminal) out.err = false;
  return out;
}

/// "port=80&port=81", or "port=80,81".
Answer<std::vector<std::uint16_t>> ports_of(const Query& query) {
  std::vector<std::uint16_t> out;
  for (const auto& [name, value] : query) {
    if (name != "port") continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto word = rest.substr(0, rest.find(','));
      std::uint16_t port = 0;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), port);
      if (error != std::errc() || end != word.data() + word.size() || port == 0)
        return kube::bad_request(fmt::format("\"{}\" is no port", word));
      out.push_back(port);
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
  }
  if (out.empty()) return kube::bad_request("query parameter \"port\" is required");
  if (out.size() > kMostPorts) return kube::bad_request(fmt::format("at most {} ports", kMostPorts));
  return out;
}

Task<void> answer(http::Responder& out, const kube::Status& status) {
  http::Headers headers{{"Content-Type", "text/plain; charset=utf-8"}};
  auto body = status.message + "\n";
  co_await out.send(status.code, std::move(headers), std::move(body));
}

class NodeHandler {
 public:
  explicit NodeHandler(PodRuntime& runtime) : runtime_(runtime) {}

  Task<void> handle(const http::Request& request, http::Responder& out) {
    const auto& path = request.target.segments;
    const std::string_view first = path.empty() ? std::string_view() : path[0];
    if (first == "healthz" && path.size() == 1) {
      co_await answer(out, refusal(200, "ok"));
      co_return;
    }
    if (const auto kept_out = keep_out(request.peer)) {
      co_await answer(out, *kept_out);
      co_return;
    }
    const bool forward = first == "portForward";
    const bool command = first == "exec" || first == "attach";
    const std::size_t names = path.size() - std::min<std::size_t>(path.size(), 1) + (forward ? 1 : 0);
    if (first == "containerLogs" && names == 3) {
      co_await send_log({.ns = path[1], .pod = path[2], .uid = {}, .container = path[3]}, request, out);
    } else if (command && (names == 3 || names == 4)) {
      ContainerRef ref{.ns = path[1],
                       .pod = path[2],
                       .uid = names == 4 ? path[3] : std::string(),
                       .container = path.back()};
      co_await run_command(std::move(ref), request, out);
    } else if (forward && (names == 3 || names == 4)) {
      ContainerRef ref{
          .ns = path[1], .pod = path[2], .uid = names == 4 ? path[3] : std::string(), .container = {}};
      co_await forward_ports(std::move(ref), request, out);
    } else {
      co_await answer(out, refusal(404, "404 page not found"));
    }
  }

 private:
  Task<void> send_log(ContainerRef container, const http::Request& request, http::Responder& out) {
    const auto query = log_query(request.target.query, std::chrono::system_clock::now());
    if (!query) {
      co_await answer(out, query.error());
      co_return;
    }
    const auto log = runtime_.log_of(container, query->previous);
    if (!log) {
      co_await answer(out, log.error());
      co_return;
    }
    auto reader = LogReader::open(log->path, query->tail);
    if (!reader) {
      co_await answer(out, refusal(500, reader.error().message()));
      co_return;
    }
    http::Headers headers{{"Content-Type", "text/plain"}};
    out.be_patient();
    if (!co_await out.begin(200, std::move(headers))) co_return;
    LogFilter filter(*query);
    const bool follow = query->follow && !query->previous;
    while (!out.gone() && !filter.done()) {
      // Asked first: what was written before the end is read after it.
      const bool goes_on = follow && log->is_written && log->is_written();
      auto bytes = reader->read();
      if (!bytes) break;
      if (bytes->empty()) {
        if (!goes_on) break;
        co_await out.wait(kLook);
        continue;
      }
      std::string text;
      filter.take(*bytes, text);
      if (!text.empty() && !co_await out.write(std::move(text))) co_return;
    }
    co_await out.end();
  }

  Task<void> run_command(ContainerRef container, const http::Request& request, http::Responder& out) {
    const bool attach = request.target.segments[0] == "attach";
    auto options = exec_options(request.target.query);
    const bool any = options.in || options.out || options.err;
    if (!any || (!attach && options.command.empty())) {
      co_await answer(out, refusal(400, any ? "you must specify at least 1 command for the container"
                                            : "you must specify at least 1 of stdin, stdout, stderr"));
      co_return;
    }
    const auto socket = co_await open_socket(request, out, kCommandProtocols);
    if (!socket) co_return;
    const auto executor = co_await boost::asio::this_coro::executor;
    CommandSession session(executor, *socket);
    // Only now, so that a refusal comes as the command's end: clients show that, and not what they get
    // instead of a WebSocket.
    auto process = attach ? co_await runtime_.attach(container, std::move(options))
                          : co_await runtime_.exec(container, std::move(options));
    if (process)
      co_await session.run(**process);
    else
      co_await session.refuse(process.error());
  }

  Task<void> forward_ports(ContainerRef pod, const http::Request& request, http::Responder& out) {
    const auto protocol = http::common_protocol(request, kForwardProtocols);
    Answer<std::vector<std::uint16_t>> ports;
    if (protocol != kTunnel) ports = ports_of(request.target.query);
    if (!ports) {
      co_await answer(out, ports.error());
      co_return;
    }
    const auto socket = co_await open_socket(request, out, kForwardProtocols);
    if (!socket) co_return;
    if (protocol == kTunnel) {
      const auto executor = co_await boost::asio::this_coro::executor;
      SpdyForward session(executor, *socket, runtime_, std::move(pod));
      co_await session.run();
    } else {
      co_await forward_channels(*socket, runtime_, std::move(pod), std::move(*ports));
    }
  }

  /// nullptr: it was refused, and is answered.
  static Task<std::unique_ptr<http::WebSocket>> open_socket(const http::Request& request,
                                                            http::Responder& out,
                                                            std::span<const std::string_view> known) {
    const auto protocol = http::common_protocol(request, known);
    if (!http::asks_for_websocket(request) || protocol.empty()) {
      co_await answer(out,
                      refusal(400, fmt::format("unable to upgrade: this node speaks WebSocket with one of "
                                               "the protocols {}",
                                               fmt::join(known, ", "))));
      co_return nullptr;
    }
    auto socket = co_await http::WebSocket::accept(request, out, protocol);
    if (!socket) {
      co_await answer(out, refusal(400, socket.error().message()));
      co_return nullptr;
    }
    co_return std::move(*socket);
  }

  PodRuntime& runtime_;
};

}  // namespace

http::Handler node_handler(PodRuntime& runtime) {
  const auto handler = std::make_shared<NodeHandler>(runtime);
  return
      [handler](const http::Request& request, http::Responder& out) { return handler->handle(request, out); };
}

std::string plain_complaint(int, std::string_view sentence) { return std::string(sentence) + "\n"; }

}  // namespace podwire::streaming
