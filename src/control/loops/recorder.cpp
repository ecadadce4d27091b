#include "control/loops/recorder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace podwire::control {
namespace {

using namespace std::chrono_literals;

constexpr auto kSameEvent = 10min;
constexpr double kBurst = 25;
constexpr auto kRefill = 5min;  // for one more

std::string key_of(const std::string& component, const Record& r) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", component, r.kind, r.uid, r.name, r.warning, r.reason,
                     r.message);
}

/// Where Events about it are: those about what has no namespace are in "default".
std::string namespace_of(const Record& record) {
  return record.namespace_.empty() ? "default" : record.namespace_;
}

}  // namespace

Recorder::Recorder(boost::asio::io_context& io, client::Api api, std::function<kube::Time()> now)
    : api_(std::move(api)), now_(std::move(now)), signal_(io, api_.clock()) {}

bool Recorder::is_too_much(const std::string& component, const Record& record) {
  const auto now = now_();
  if (buckets_.size() >= kRemembered)
    std::erase_if(buckets_, [&](const auto& b) { return b.second.since + kRefill < now; });
  if (buckets_.size() >= kRemembered) buckets_.clear();
  auto& bucket = buckets_.try_emplace(component + "\n" + record.uid, Bucket{kBurst, now}).first->second;
  const std::chrono::duration<double> passed = now - bucket.since;
  bucket.left = std::min(kBurst, bucket.left + (passed / kRefill));
  bucket.since = now;
  if (bucket.left < 1) return true;
  bucket.left -= 1;
  return false;
}

void Recorder::tell(const std::string& component, Record record) {
  if (is_too_much(component, record)) return;
  const auto now = now_();
  const auto key = key_of(component, record);
  const auto known = told_.find(key);
  if (known == told_.end()) {
    if (queue_.size() >= kQueued) return;
    forget_oldest();
    order_.push_back(key);
    Told told{.component = component, .record = std::move(record), .waiting = 1, .first = now, .last = now};
    told_.emplace(key, std::pair(std::move(told), std::prev(order_.end())));
    queue_.push_back(key);
  } else {
    auto& [told, place] = known->second;
    order_.splice(order_.end(), order_, place);
    if (told.last + kSameEvent < now) {
      told.name.clear();
      told.count = 0;
      told.first = now;
    }
    told.last = now;
    if (told.waiting++ == 0) queue_.push_back(key);
  }
  signal_.set();
}

void Recorder::forget_oldest() {
  if (told_.size() < kRemembered) return;
  told_.erase(order_.front());
  order_.pop_front();
}

http::Task<void> Recorder::run() {
  while (true) {
    while (!queue_.empty()) {
      const auto key = std::move(queue_.front());
      queue_.pop_front();
      co_await write(key);
    }
    co_await signal_.wait(std::nullopt);
  }
}

http::Task<void> Recorder::write(const std::string& key) {
  const auto known = told_.find(key);
  if (known == told_.end()) co_return;
  auto& entry = known->second.first;
  entry.count += std::exchange(entry.waiting, 0);
  auto told = entry;
  if (!told.name.empty()) {
    const bool counted = co_await count_up(told);
    if (counted) co_return;
  }
  last_stamp_ = std::max(last_stamp_ + 1, std::chrono::nanoseconds(told.last.time_since_epoch()).count());
  told.name = fmt::format("{}.{:x}", told.record.name, last_stamp_);
  client::ObjectPath path{"events", namespace_of(told.record), "", ""};
  auto made = co_await api_.create(std::move(path), event_of(told));
  if (!made) log::debug("an Event was not written", {{"name", told.name}, {"why", made.error().message}});
  if (const auto still = told_.find(key); made && still != told_.end()) still->second.first.name = told.name;
}

/// False: it is there no more.
http::Task<bool> Recorder::count_up(Told told) {
  json::value merge(json::object{{"count", told.count}, {"lastTimestamp", kube::time_text(told.last)}});
  client::ObjectPath path{"events", namespace_of(told.record), told.name, ""};
  auto made = co_await api_.patch(std::move(path), std::move(merge));
  co_return made || made.error().code != 404;
}

json::object Recorder::event_of(const Told& told) {
  const auto& r = told.record;
  json::object about{{"apiVersion", r.api_version}, {"kind", r.kind}, {"name", r.name}, {"uid", r.uid}};
  if (!r.namespace_.empty()) about["namespace"] = r.namespace_;
  return {{"apiVersion", "v1"},
          {"kind", "Event"},
          {"metadata", {{"name", told.name}, {"namespace", namespace_of(r)}}},
          {"involvedObject", std::move(about)},
          {"type", r.warning ? "Warning" : "Normal"},
          {"reason", r.reason},
          {"message", r.message},
          {"source", {{"component", told.component}}},
          {"reportingComponent", told.component},
          {"reportingInstance", ""},
          {"firstTimestamp", kube::time_text(told.first)},
          {"lastTimestamp", kube::time_text(told.last)},
          {"count", told.count}};
}

}  // namespace podwire::control
