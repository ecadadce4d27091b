#include "server/handler.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "server/impersonation.h"

namespace podwire::server {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPiece = 256 << 10;      // bytes of a watch's stream at once
constexpr auto kBookmarkEvery = 60s;           // as kube-apiserver
constexpr std::uint64_t kDefaultWatch = 1800;  // seconds, where the client does not say; up to twice as long

bool is_public(const http::Request& r) {
  if (r.target.segments.empty()) return false;
  const auto& first = r.target.segments.front();
  return first == "healthz" || first == "livez" || first == "readyz" ||
         (first == "version" && r.target.segments.size() == 1);
}

kube::Answer<User> user_of(const Access& access, const http::Request& r) {
  const pki::Subject subject{r.peer.common_name, r.peer.organizations};
  auto user = TRY(access.authenticator().authenticate(r.peer.certificate ? &subject : nullptr,
                                                      r.header("Authorization")));
  return impersonated(access.authorizer(), std::move(user), r);
}

http::Headers headers_of(const Reply& reply) {
  http::Headers out{{"Content-Type", reply.content_type}};
  if (reply.immutable) {
    out.emplace_back("Cache-Control", "public, immutable");
    out.emplace_back("Expires", "Thu, 31 Dec 2099 23:59:59 GMT");
  } else {
    out.emplace_back("Cache-Control", "no-cache, private");
  }
  for (const auto& warning : reply.warnings) {
    std::string quoted;
    for (const char c : warning) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    out.emplace_back("Warning", fmt::format("299 - \"{}\"", quoted));
  }
  if (reply.code == 429 || reply.code == 504) out.emplace_back("Retry-After", "1");
  return out;
}

class ApiHandler {
 public:
  ApiHandler(Api& api, const Access& access, NodeJoin& join, NodeProxy& nodes, const World& world,
             RequestLimits& limits, Metrics& metrics)
      : api_(api),
        access_(access),
        join_(join),
        nodes_(nodes),
        world_(world),
        limits_(limits),
        metrics_(metrics) {}

  Task<void> handle(const http::Request& r, http::Responder& out) {
    if (NodeJoin::is_for(r)) {
      auto reply = co_await join_.answer(r);
      co_await send(std::move(reply), out);
      co_return;
    }
    ApiRequest request{.method = r.method,
                       .path = r.target.segments,
                       .query = r.target.query,
                       .accept = std::string(r.header("Accept")),
                       .content_type = std::string(r.header("Content-Type")),
                       .user_agent = std::string(r.header("User-Agent")),
                       .body = r.body};
    if (!is_public(r)) {
      auto user = user_of(access_, r);
      if (!user) {
        co_await send(reply_of(user.error()), out);
        co_return;
      }
      request.user = std::move(*user);
    }
    const bool watches = Api::is_watch(request);
    const auto labels = RequestLabels::of(request.method, request.path, watches, request.content_type,
                                          kube::Schema::builtin());
    const bool for_node = Api::is_for_node(request);
    const auto permit = limits_.admit(request.user, sort_of(request, watches || for_node));
    int code = 0;
    if (!permit) {
      code = permit.error().code;
      co_await send(reply_of(permit.error()), out);
    } else if (watches) {
      metrics_.count_watch(labels, 1);
      code = co_await watch(request, out);
      metrics_.count_watch(labels, -1);
    } else if (for_node) {
      code = co_await ask_node(request, r, out);
    } else {
      auto reply = co_await api_.answer(std::move(request));
      code = reply.code;
      co_await send(std::move(reply), out);
    }
    metrics_.count(labels, code);
  }

 private:
  /// What lasts counts as a watch.
  static RequestLimits::Sort sort_of(const ApiRequest& request, bool watches) {
    using Sort = RequestLimits::Sort;
    if (watches) return Sort::watch;
    return request.method == "GET" || request.method == "HEAD" ? Sort::read : Sort::write;
  }

  static Task<void> send(Reply reply, http::Responder& out) {
    auto headers = headers_of(reply);
    if (reply.list) {
      if (!co_await out.begin(reply.code, std::move(headers))) co_return;
      for (bool more = true; more;) {
        std::string piece;
        more = reply.list->fill(piece, kPiece);
        if (!co_await out.write(std::move(piece))) co_return;
      }
      co_await out.end();
      co_return;
    }
    co_await out.send(reply.code, std::move(headers), std::move(reply.body));
  }

  Task<int> ask_node(const ApiRequest& request, const http::Request& r, http::Responder& out) {
    const auto call = api_.call_of(request);
    if (!call) {
      co_await send(reply_of(call.error()), out);
      co_return call.error().code;
    }
    const int code = co_await nodes_.relay(*call, r, out);
    co_return code;
  }

  /// The HTTP status that it was answered with.
  Task<int> watch(const ApiRequest& request, http::Responder& out) {
    auto opened = api_.watch(request, [&out] { out.wake(); });
    if (!opened) {
      const int code = opened.error().code;
      co_await send(reply_of(opened.error()), out);
      co_return code;
    }
    const auto stream = std::move(*opened);
    http::Headers headers{{"Content-Type", "application/json"}, {"Cache-Control", "no-cache, private"}};
    if (!co_await out.begin(200, std::move(headers))) co_return 200;
    const auto options = list_options(request.query);
    const auto asked = options ? options->timeout_seconds : 0;
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto end =
        now() + std::chrono::seconds(asked != 0 ? asked : kDefaultWatch + world_.random() % kDefaultWatch);
    auto bookmark = now() + kBookmarkEvery;
    while (!out.gone() && now() < end) {
      std::string piece;
      const bool goes_on = stream->fill(piece, kPiece, world_.now());
      if (goes_on && now() >= bookmark) {
        stream->bookmark(piece);
        bookmark = now() + kBookmarkEvery;
      }
      const bool nothing = piece.empty();
      if (!nothing && !co_await out.write(std::move(piece))) co_return 200;
      if (!goes_on) break;
      const auto until = std::chrono::ceil<std::chrono::milliseconds>(std::min(end, bookmark) - now());
      if (nothing && until > 0ms) co_await out.wait(until);
    }
    std::string last;
    stream->bookmark(last);
    if (!last.empty() && !co_await out.write(std::move(last))) co_return 200;
    co_await out.end();
    co_return 200;
  }

  Api& api_;
  const Access& access_;
  NodeJoin& join_;
  NodeProxy& nodes_;
  const World& world_;
  RequestLimits& limits_;
  Metrics& metrics_;
};

}  // namespace

http::Handler api_handler(Api& api, const Access& access, NodeJoin& join, NodeProxy& nodes,
                          const World& world, RequestLimits& limits, Metrics& metrics) {
  const auto handler = std::make_shared<ApiHandler>(api, access, join, nodes, world, limits, metrics);
  return [handler](const http::Request& r, http::Responder& out) { return handler->handle(r, out); };
}

std::string complaint_body(int status, std::string_view sentence) {
  static constexpr std::pair<int, std::string_view> kReasons[] = {{400, "BadRequest"},
                                                                  {408, "Timeout"},
                                                                  {413, "RequestEntityTooLarge"},
                                                                  {431, "BadRequest"},
                                                                  {503, "ServiceUnavailable"}};
  kube::Status out{.code = status, .reason = "InternalError", .message = std::string(sentence)};
  for (const auto& [code, reason] : kReasons)
    if (code == status) out.reason = reason;
  return json::serialize(kube::to_json(out));
}

}  // namespace podwire::server
