#include "client/reflection.h"

#include <algorithm>
#include <ranges>

namespace podwire::client {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kPage = 500;
constexpr int kUnfinishedBeforeList = 2;
constexpr int kNonsenseBeforeList = 3;

bool is_gone(const kube::Status& status) {
  return status.code == 410 || status.reason == "Expired" || status.reason == "Gone";
}

}  // namespace

Reflection::Reflection(const Api& api, const Selection& selection, Sink& sink)
    : api_(api), selection_(selection), sink_(sink), clock_(api.clock()), outage_(selection.resource) {}

Task<void> Reflection::run() {
  for (;;) {
    Outcome outcome;
    if (complete_)
      outcome = co_await watch(false);
    else if (watch_list_ && unfinished_ < kUnfinishedBeforeList)
      outcome = co_await watch(true);
    else
      outcome = co_await list();
    if (outcome) co_await pause(std::move(*outcome));
  }
}

Task<void> Reflection::pause(Failure failure) {
  outage_.failed(failure.status, failure.opened);
  const std::chrono::milliseconds asked =
      std::min(std::chrono::seconds(failure.status.retry_after_seconds), 60s);
  const auto own = backoff_.failed(clock_.now(), clock_.chance());
  co_await clock_.sleep(std::max(own, asked));
}

void Reflection::worked() {
  backoff_.succeeded(clock_.now());
  outage_.progress();
}

void Reflection::complete(std::uint64_t revision) {
  revision_ = revision;
  complete_ = true;
  lagging_ = false;
  unfinished_ = nonsense_ = 0;
  worked();
  sink_.replaced(revision);
  for (auto& event : std::exchange(late_, {})) {
    event.revision = revision;
    take(std::move(event));
  }
}

Task<Reflection::Outcome> Reflection::list() {
  ListOptions options{.label_selector = selection_.label_selector,
                      .field_selector = selection_.field_selector,
                      .limit = kPage,
                      .metadata_only = selection_.metadata_only};
  if (!lagging_) options.resource_version = std::to_string(revision_);
  std::optional<std::uint64_t> revision;
  sink_.listing();
  do {
    auto page = co_await api_.list(collection(), options);
    if (page) {
      if (auto wrong = take_page(std::move(*page), options, revision)) co_return Failure{std::move(*wrong)};
      continue;
    }
    const auto& refusal = page.error();
    const bool retry = is_gone(refusal) || is_from_the_future(refusal);
    if (!retry || (options.limit == 0 && options.resource_version.empty())) co_return Failure{refusal};
    // The snapshot of the pages has gone, or the revision: the newest state, in one piece.
    options.limit = 0;
    options.resource_version.clear();
    options.continue_token.clear();
    revision.reset();
    sink_.listing();
  } while (!revision || !options.continue_token.empty());
  complete(*revision);
  co_return std::nullopt;
}

std::optional<kube::Status> Reflection::take_page(json::object page, ListOptions& next,
                                                  std::optional<std::uint64_t>& revision) {
  const auto own = revision_from(kube::text_in(page, "metadata", "resourceVersion"));
  if (!own) return no_answer("a list whose resourceVersion is no number");
  if (!revision) revision = own;
  auto token = std::string(kube::text_in(page, "metadata", "continue"));
  if (!token.empty() && token == next.continue_token) return no_answer("a list whose pages do not end");
  next.continue_token = std::move(token);
  next.resource_version.clear();  // the token says it
  auto* items = page.if_contains("items");
  if (items == nullptr || !items->is_array()) return std::nullopt;  // null: none
  for (auto& item : items->get_array()) {
    auto* object = item.if_object();
    if (object == nullptr || kube::text_in(*object, "metadata", "name").empty())
      return no_answer("a list with an object that has no name");
    sink_.listed(std::move(*object));
  }
  return std::nullopt;
}

std::optional<kube::Status> Reflection::take_line(std::string_view line, bool& initial) {
  auto event = watch_event_from(line);
  if (!event) return std::move(event.error());
  if (!initial) {
    nonsense_ = 0;
    worked();
    take(std::move(*event));
  } else if (event->type == WatchEvent::Type::bookmark) {
    if (event->initial_end) {
      initial = false;
      complete(event->revision);
    }
  } else if (event->type == WatchEvent::Type::added && late_.empty()) {
    sink_.listed(std::move(event->object));
  } else {
    late_.push_back(std::move(*event));
  }
  return std::nullopt;
}

void Reflection::take(WatchEvent event) {
  revision_ = event.revision;
  switch (event.type) {
    case WatchEvent::Type::added:
    case WatchEvent::Type::modified:
      return sink_.changed(std::move(event.object), revision_);
    case WatchEvent::Type::deleted:
      return sink_.removed(std::move(event.object), revision_);
    case WatchEvent::Type::bookmark:
      return sink_.bookmark(revision_);
  }
}

Reflection::Outcome Reflection::refused(const kube::Status& status, bool initial, bool opened) {
  if (is_gone(status) || is_from_the_future(status)) {
    complete_ = false;
    lagging_ = true;
  } else if (initial &&
             (status.code == 400 || status.code == 422 || status.message.contains("sendInitialEvents"))) {
    watch_list_ = false;  // the server has none: a list at once
    return std::nullopt;
  }
  if (initial && opened) ++unfinished_;
  return Failure{status, opened};
}

Reflection::Outcome Reflection::cut(std::string why, bool initial) {
  if (initial) ++unfinished_;
  return Failure{no_answer(std::move(why)), true};
}

Reflection::Outcome Reflection::unintelligible(kube::Status status, bool initial) {
  if (initial) ++unfinished_;
  if (++nonsense_ >= kNonsenseBeforeList) {  // it will not get better by being read again
    complete_ = false;
    nonsense_ = 0;
    unfinished_ = kUnfinishedBeforeList;
  }
  return Failure{std::move(status), true};
}

ObjectPath Reflection::collection() const {
  return {.resource = selection_.resource, .namespace_ = selection_.namespace_};
}

}  // namespace podwire::client
