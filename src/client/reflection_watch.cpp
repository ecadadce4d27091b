#include "client/reflection.h"
#include "http/url.h"

// The half of a Reflection that streams.
namespace podwire::client {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLongestLine = 16 << 20;
constexpr std::size_t kLongestRefusal = 64 << 10;
/// A server closes a watch by itself after timeoutSeconds. One that is silent for longer is not there.
constexpr auto kGrace = 30s;
/// ... and one that is silent in between its initial events has not understood what was asked.
constexpr auto kInitialSilence = 30s;
constexpr auto kTooShort = 1s;

/// What a refusal says, as far as it comes.
Task<kube::Status> refusal_of(http::Incoming& incoming) {
  std::string body;
  while (body.size() < kLongestRefusal) {
    const auto piece = co_await incoming.read(kGrace);
    if (!piece || piece->empty()) break;
    body += *piece;
  }
  co_return refusal_from(incoming.status(), body);
}

}  // namespace

std::optional<http::Call> Reflection::watch_call(bool initial, std::chrono::seconds timeout) const {
  const auto path = api_.target(collection());
  if (!path) return std::nullopt;
  http::Query query;
  query.add("watch", "true").add("allowWatchBookmarks", "true");
  if (initial) query.add("sendInitialEvents", "true").add("resourceVersionMatch", "NotOlderThan");
  if (!initial || (revision_ != 0 && !lagging_)) query.add("resourceVersion", revision_);
  query.add("timeoutSeconds", static_cast<std::uint64_t>(timeout.count()))
      .add_if_any("labelSelector", selection_.label_selector)
      .add_if_any("fieldSelector", selection_.field_selector);
  http::Call out{.target = query.of(*path)};
  out.headers = {
      {"Accept", selection_.metadata_only
                     ? "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
                     : "application/json"},
      {"User-Agent", api_.user_agent()}};
  return out;
}

Task<Reflection::Outcome> Reflection::watch(bool initial) {
  const auto timeout = 300s + std::chrono::seconds(static_cast<int>(clock_.chance() * 300));
  auto call = watch_call(initial, timeout);
  if (!call) co_return Failure{kube::no_such_resource().error()};
  auto incoming = co_await api_.http().open(std::move(*call));
  if (!incoming) {
    co_return Failure{no_answer(incoming.error().message())};
  }
  auto& answer = **incoming;
  if (answer.status() != 200) {
    const auto refusal = co_await refusal_of(answer);
    co_return refused(refusal, initial, false);
  }
  backoff_.succeeded(clock_.now());
  outage_.opened();
  co_return co_await receive(answer, initial, timeout);
}

Task<Reflection::Outcome> Reflection::receive(http::Incoming& incoming, bool initial,
                                              std::chrono::seconds timeout) {
  Lines lines(kLongestLine);
  const auto began = clock_.now();
  bool anything = false;
  late_.clear();
  if (initial) sink_.listing();
  for (;;) {
    const auto silence = initial ? kInitialSilence : timeout + kGrace;
    const auto piece = co_await incoming.read(silence);
    if (!piece) co_return cut(piece.error().message(), initial);
    if (piece->empty()) break;
    lines.add(*piece);
    while (const auto line = lines.next()) {
      anything = true;
      const auto wrong = take_line(*line, initial);
      if (!wrong) continue;
      co_return wrong->code == 0 ? unintelligible(*wrong, initial) : refused(*wrong, initial, true);
    }
    if (lines.too_long()) co_return unintelligible(no_answer("the watch sent a line without end"), initial);
  }
  if (initial) co_return cut("the watch ended before its initial events had", initial);
  if (!anything && clock_.now() - began < kTooShort)
    co_return cut("the watch ended as soon as it began", initial);
  worked();
  co_return std::nullopt;
}

}  // namespace podwire::client
