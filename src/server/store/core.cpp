#include "server/store/core.h"

#include <algorithm>
#include <set>
#include <utility>

#include "server/store/encode.h"
#include "server/store/snapshot.h"

namespace podwire::server {
namespace {

kube::GroupResource group_resource(std::string_view resource) {
  const auto dot = resource.find('.');
  if (dot == std::string_view::npos) return {.group = "", .resource = std::string(resource)};
  return {.group = std::string(resource.substr(dot + 1)), .resource = std::string(resource.substr(0, dot))};
}

kube::Answer<> check_against(const Write& write, const ObjectPtr& newest) {
  const bool creates = write.seen == 0 && write.object;
  if (newest ? newest->revision == write.seen : creates) return {};
  const auto of = group_resource(write.key.resource);
  if (!newest) return kube::not_found(of, write.key.name);
  return creates ? kube::already_exists(of, write.key.name) : kube::modified_since(of, write.key.name);
}

}  // namespace

Store::Core::Core(StoreOptions options, Post post)
    : options_(std::move(options)),
      post_(std::move(post)),
      revision_(options_.first_revision),
      given_(revision_),
      start_(revision_),
      wakes_([this] {
        post_([weak = weak_from_this()] {
          if (auto core = weak.lock()) core->wakes_.run();
        });
      }) {}

bool Store::Core::load(ObjectPtr object) {
  auto& objects = shelf(object->key.resource).objects;
  return objects.put(std::move(object));
}

std::function<void(LogOutcome)> Store::Core::reporter() {
  return [post = post_, weak = weak_from_this()](LogOutcome outcome) {
    post([weak, outcome = std::move(outcome)] {
      if (auto core = weak.lock()) core->settle(outcome);
    });
  };
}

Store::Core::Shelf& Store::Core::shelf(const std::string& resource) {
  return shelves_.try_emplace(resource, options_, start_, wakes_, revision_).first->second;
}

ObjectPtr Store::Core::get(const Key& key) const {
  auto shelf = shelves_.find(key.resource);
  return shelf == shelves_.end() ? nullptr : shelf->second.objects.get({key.ns, key.name});
}

Read<Page> Store::Core::list(const ListQuery& query) const {
  auto exact = query;
  if (exact.revision == 0) exact.revision = revision_;
  if (exact.revision > revision_) return std::unexpected(Unserved::future);
  auto shelf = shelves_.find(exact.resource);
  const auto floor = shelf == shelves_.end() ? start_ : shelf->second.feed.ring().floor();
  // Now can be listed whatever the ring remembers.
  if (exact.revision < floor) return std::unexpected(Unserved::expired);
  if (shelf == shelves_.end()) return Page{.revision = exact.revision};
  return list_as_of(shelf->second.objects, shelf->second.feed.ring(), exact);
}

Read<std::unique_ptr<Watch>> Store::Core::watch(Interest interest, std::uint64_t after,
                                                std::function<void()> wake) {
  auto& feed = shelf(interest.resource).feed;
  if (after > revision_) return std::unexpected(Unserved::future);
  if (after < feed.ring().floor()) return std::unexpected(Unserved::expired);
  return feed.watch(std::move(interest), after, std::move(wake));
}

ObjectPtr Store::Core::newest(const Key& key) const {
  auto changing = changing_.find(key);
  if (changing == changing_.end()) return get(key);
  return changing->second.type == EventType::deleted ? nullptr : changing->second.object;
}

kube::Answer<> Store::Core::check(const std::vector<Write>& writes) const {
  std::set<std::reference_wrapper<const Key>, std::less<Key>> keys;
  for (const auto& write : writes) {
    if (!keys.insert(write.key).second)
      return kube::internal_error("one commit writes " + write.key.resource + " " + write.key.name +
                                  " twice");
    TRY(check_against(write, newest(write.key)));
  }
  return {};
}

Event Store::Core::apply(Write write) {
  const auto key = write.key;
  auto previous = newest(key);
  const auto revision = ++given_;
  Event event{.type = !previous      ? EventType::added
                      : write.object ? EventType::modified
                                     : EventType::deleted,
              .object = nullptr,
              .previous = previous};
  event.object = write.object ? encode(std::move(write), revision, previous ? previous->created : revision)
                              : encode_deleted(*previous, revision);
  changing_.insert_or_assign(key, event);
  return event;
}

void Store::Core::commit(std::vector<Write> writes, Committed done) {
  Pending pending{.sequence = sequence_, .events = nullptr, .refusal = {}, .done = std::move(done)};
  if (auto fine = check(writes); !fine) {
    pending.refusal = std::move(fine).error();
    pending_.push_back(std::move(pending));
    // Otherwise the outcome of what is on its way brings it along.
    if (settled_ == sequence_) reporter()({.sequence = sequence_, .epoch = epoch_, .error = {}});
    return;
  }
  auto events = std::make_shared<std::vector<Event>>();
  events->reserve(writes.size());
  for (auto& write : writes) events->push_back(apply(std::move(write)));
  pending.sequence = ++sequence_;
  pending.events = events;
  pending_.push_back(std::move(pending));
  log_->append({.sequence = sequence_, .epoch = epoch_, .events = std::move(events)});
}

void Store::Core::settle(const LogOutcome& outcome) {
  if (outcome.epoch != epoch_) return;
  if (outcome.error) return abandon(*outcome.error);
  settled_ = std::max(settled_, outcome.sequence);
  while (log_ && !pending_.empty() && pending_.front().sequence <= outcome.sequence) {
    auto pending = std::move(pending_.front());
    pending_.pop_front();
    finish(std::move(pending));
  }
}

void Store::Core::finish(Pending pending) {
  if (!pending.events) return pending.done(std::unexpected(std::move(pending.refusal)));
  std::vector<ObjectPtr> objects;
  objects.reserve(pending.events->size());
  for (const auto& event : *pending.events) {
    publish(event);
    objects.push_back(event.object);
  }
  pending.done(std::move(objects));
}

void Store::Core::publish(const Event& event) {
  const auto& key = event.object->key;
  revision_ = event.object->revision;
  auto& [objects, feed] = shelf(key.resource);
  if (event.type == EventType::deleted)
    objects.erase({key.ns, key.name});
  else
    objects.put(event.object);
  feed.publish(event);
  auto changing = changing_.find(key);
  if (changing != changing_.end() && changing->second.object == event.object) changing_.erase(changing);
}

void Store::Core::abandon(const Error& error) {
  ++epoch_;
  settled_ = sequence_;
  changing_.clear();
  const auto refused = std::exchange(pending_, {});
  for (const auto& pending : refused) {
    if (!log_) return;
    pending.done(pending.events ? kube::internal_error(error.message() + "; nothing was changed")
                                : std::unexpected(pending.refusal));
  }
}

void Store::Core::forget(std::uint64_t up_to) {
  for (auto& [resource, shelf] : shelves_) shelf.feed.forget(up_to);
}

std::vector<ResourceStats> Store::Core::stats() const {
  std::vector<ResourceStats> all;
  all.reserve(shelves_.size());
  for (const auto& [resource, shelf] : shelves_)
    all.push_back({.resource = resource,
                   .objects = shelf.objects.slots().size(),
                   .bytes = shelf.objects.bytes(),
                   .events = shelf.feed.ring().size(),
                   .event_bytes = shelf.feed.ring().bytes(),
                   .watches = shelf.feed.watches(),
                   .oldest = shelf.feed.ring().floor()});
  return all;
}

}  // namespace podwire::server
