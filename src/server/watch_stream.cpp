#include "server/watch_stream.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "kube/json.h"
#include "server/object_meta.h"
#include "server/registry.h"

namespace podwire::server {
namespace {

constexpr std::size_t kEventsAtOnce = 64;

kube::Status too_old(std::uint64_t wanted) {
  return kube::expired(fmt::format("too old resource version: {}", wanted)).error();
}

/// Its last matching state, with the revision at which it stopped to match.
Object as_of(const Object& before, std::uint64_t revision) {
  Object out = before;
  auto json = parse_stored(before);
  kube::object_at(json, "metadata")["resourceVersion"] = std::to_string(revision);
  out.json = json::serialize(json);
  out.revision = revision;
  return out;
}

}  // namespace

WatchStream::WatchStream(Encoding encoding, Selection selection, bool bookmarks)
    : encoding_(encoding), selection_(std::move(selection)), bookmarks_(bookmarks) {}

kube::Answer<std::unique_ptr<WatchStream>> WatchStream::open(Store& store, Encoding encoding,
                                                             Selection selection, const ListOptions& options,
                                                             std::function<void()> wake) {
  auto out = std::unique_ptr<WatchStream>(new WatchStream(encoding, std::move(selection), options.bookmarks));
  auto& all = out->selection_;
  auto from = options.resource_version.value_or(0);
  if (options.initial_events) {
    ListQuery query{.resource = all.resource, .ns = all.ns, .after = std::nullopt};
    if (!all.is_all()) query.matches = [&all](const Object& o) { return all.matches(o); };
    auto page = store.list(query);
    if (!page) return kube::internal_error("the newest revision cannot be read");
    out->initial_ = std::move(page->items);
    out->initial_revision_ = from = page->revision;
    out->marks_initial_end_ = options.marks_their_end && options.bookmarks;
  } else if (from > store.revision()) {
    return std::unexpected(kube::Status{
        .code = 504,
        .reason = "Timeout",
        .message = fmt::format("Too large resource version: {}, current: {}", from, store.revision()),
        .causes = {{"ResourceVersionTooLarge", "Too large resource version", ""}},
        .retry_after_seconds = 1});
  }
  auto watch = store.watch(all.interest(), from, std::move(wake));
  if (!watch) return std::unexpected(too_old(from));
  out->watch_ = std::move(*watch);
  return out;
}

bool WatchStream::columns() { return !std::exchange(columns_said_, true); }

void WatchStream::append(std::string& out, const Event& event, std::chrono::sys_seconds now) {
  const bool was = event.previous && selection_.matches(*event.previous);
  const bool is = event.type != EventType::deleted && selection_.matches(*event.object);
  if (is) {
    out += encoding_.event(was ? "MODIFIED" : "ADDED", *event.object, now, columns());
  } else if (was && event.type == EventType::deleted) {
    out += encoding_.event("DELETED", *event.object, now, columns());
  } else if (was) {
    out += encoding_.event("DELETED", as_of(*event.previous, event.object->revision), now, columns());
  }
}

bool WatchStream::fill(std::string& out, std::size_t max_bytes, std::chrono::sys_seconds now) {
  while (next_initial_ < initial_.size() && out.size() < max_bytes)
    out += encoding_.event("ADDED", *initial_[next_initial_++], now, columns());
  if (next_initial_ < initial_.size()) return true;
  initial_ = {};
  next_initial_ = 0;
  if (std::exchange(marks_initial_end_, false)) {
    out += encoding_.bookmark(initial_revision_, true, columns());
    marked_ = initial_revision_;
  }
  while (out.size() < max_bytes) {
    const auto events = watch_->next(kEventsAtOnce);
    if (!events) {
      out += error_event(too_old(watch_->revision()));
      return false;
    }
    for (const auto& event : *events) append(out, event, now);
    if (events->size() < kEventsAtOnce) break;
  }
  return true;
}

void WatchStream::bookmark(std::string& out) {
  if (!bookmarks_ || next_initial_ < initial_.size() || watch_->revision() == marked_) return;
  marked_ = watch_->revision();
  out += encoding_.bookmark(marked_, false, columns());
}

}  // namespace podwire::server
