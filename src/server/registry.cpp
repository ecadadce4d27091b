#include "server/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "kube/codec/decode.h"
#include "kube/codec/defaults.h"
#include "kube/conversion.h"
#include "kube/json.h"
#include "kube/patch/managed_fields.h"
#include "kube/rules/field_selector.h"
#include "kube/rules/labels.h"
#include "kube/tree_room.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::Status;
using kube::text_in;

/// How often a change that insists on no revision is tried against newer ones.
constexpr int kAttempts = 10;

Key key_of(const kube::Resource& resource, const Place& place) {
  return {kube::storage_of(resource).str(), resource.namespaced ? place.ns : std::string(), place.name};
}

Write write_of(const kube::Resource& resource, const Place& place, std::uint64_t seen, json::object object) {
  Write out{.key = key_of(resource, place), .seen = seen};
  object = kube::to_stored(resource, std::move(object));
  out.labels = kube::labels_of(object);
  out.fields = kube::selectable_fields(out.key.resource, object);
  out.object = std::move(object);
  return out;
}

/// The object as clients of that resource know it.
json::object view_of(const kube::Resource& resource, const Object& object) {
  return kube::from_stored(resource, parse_stored(object));
}

/// The same but for what the server counts: a write that changes nothing is none.
bool same_but_for_times(const json::object& a, const json::object& b) {
  const auto stripped = [](json::object o) {
    if (auto* meta = o["metadata"].if_object()) {
      meta->erase("resourceVersion");
      if (auto* fields = (*meta)["managedFields"].if_array())
        for (auto& entry : *fields)
          if (auto* one = entry.if_object()) one->erase("time");
    }
    return o;
  };
  return stripped(a) == stripped(b);
}

bool is_conflict(const Status& status) { return status.code == 409 && status.reason == "Conflict"; }

}  // namespace

json::object parse_stored(const Object& object) {
  return json::parse(object.json, kube::tree_room(object.json.size())).as_object();
}

/// A write that is ready: what is committed, and what to do when it is not.
struct Registry::Prepared {
  std::vector<Write> writes;  ///< the object's own first; none: nothing changes
  Guard::Taken taken;
  std::vector<std::string> warnings;
  bool removes = false;  ///< the update took the last thing away that held a deleted object
};

Registry::Registry(const kube::Schema& schema, Store& store, World world, kube::RuleOptions rules)
    : schema_(&schema), store_(&store), world_(std::move(world)), rules_(rules) {}

ObjectPtr Registry::find(const kube::Resource& resource, const Place& place) const {
  return store_->get(key_of(resource, place));
}

Answer<ObjectPtr> Registry::get(const kube::Resource& resource, const Place& place) const {
  if (auto found = find(resource, place)) return found;
  return kube::not_found(group_resource(resource), place.name);
}

Answer<> Registry::admit(const kube::Resource& resource, const json::object* old, json::object* object,
                         bool dry_run, Prepared& out) {
  const auto guard = guards_.find(group_resource(resource).str());
  if (guard == guards_.end()) return {};
  std::vector<Write> also;
  out.taken = TRY(guard->second->admit(old, object, also, dry_run));
  std::ranges::move(also, std::back_inserter(out.writes));
  return {};
}

Answer<Registry::Prepared> Registry::prepare_create(const kube::Resource& resource, const Place& place,
                                                    json::object object, const Author& author,
                                                    const WriteOptions& options) {
  Prepared out;
  out.warnings = TRY(kube::check_fields(resource, object, options.field_validation, options.duplicates));
  const auto moment = world_.moment();
  TRY(begin_life(resource, object, place, moment));
  kube::apply_constant_defaults(*resource.message, object);
  const auto& rules = kube::rules_of(group_resource(resource).str());
  rules.default_object(object);
  rules.prepare_create(object);
  const Place self{place.ns, std::string(text_in(object, "metadata", "name"))};
  if (author.check) TRY(author.check(nullptr, &object));
  // Before anything is taken for it: the commit would find out, but late.
  if (find(resource, self)) return kube::already_exists(group_resource(resource), self.name);
  // What a guard adds is nobody's: an apply of the same manifest need not mention it.
  if (!author.apply)
    kube::update_managed_fields(
        *resource.message, {}, object,
        {.manager = author.manager, .api_version = resource.api_version(), .now = moment.now});
  out.writes.emplace_back();  // the object's own
  TRY(admit(resource, nullptr, &object, options.dry_run, out));
  if (auto valid = rules.validate_create(object, rules_); !valid) {
    if (out.taken.undo) out.taken.undo();
    return std::unexpected(valid.error());
  }
  out.writes.front() = write_of(resource, self, 0, std::move(object));
  return out;
}

Answer<Registry::Prepared> Registry::prepare_update(const kube::Resource& resource, const Place& place,
                                                    std::string_view subresource, const Object& live,
                                                    const Change& change, const Author& author,
                                                    const WriteOptions& options) {
  Prepared out;
  const auto old = view_of(resource, live);
  auto object = TRY(change(&old));
  out.warnings = TRY(kube::check_fields(resource, object, options.field_validation, options.duplicates));
  if (const auto wanted = text_in(object, "metadata", "resourceVersion");
      !wanted.empty() && wanted != std::to_string(live.revision))
    return kube::modified_since(group_resource(resource), place.name);
  TRY(carry_on(resource, old, object, place, subresource));
  kube::apply_constant_defaults(*resource.message, object);
  const auto& rules = kube::rules_of(group_resource(resource).str());
  const bool trusted = subresource == "binding";
  if (subresource == "status") {
    rules.prepare_status_update(object, old);
  } else if (!trusted) {
    rules.prepare_update(object, old);
    rules.default_object(object);
  }
  if (author.check) TRY(author.check(&old, &object));
  out.writes.emplace_back();
  if (subresource != "status") TRY(admit(resource, &old, &object, options.dry_run, out));
  const auto valid = trusted                   ? Answer<>()
                     : subresource == "status" ? rules.validate_status_update(object, old)
                                               : rules.validate_update(object, old, rules_);
  if (!valid) {
    if (out.taken.undo) out.taken.undo();
    return std::unexpected(valid.error());
  }
  if (!author.apply && !trusted)
    kube::update_managed_fields(*resource.message, old, object,
                                {.manager = author.manager,
                                 .subresource = std::string(subresource),
                                 .api_version = resource.api_version(),
                                 .now = world_.now()});
  if (is_finished(resource, object)) {
    out.removes = true;
    out.writes.front() = {.key = live.key, .seen = live.revision, .object = std::nullopt};
    TRY(admit(resource, &old, nullptr, options.dry_run, out));
  } else if (same_but_for_times(old, object)) {
    out.writes.clear();
  } else {
    out.writes.front() = write_of(resource, place, live.revision, std::move(object));
  }
  return out;
}

Task<Answer<ObjectPtr>> Registry::settle(Prepared prepared, bool dry_run) {
  if (dry_run) {
    if (prepared.taken.undo) prepared.taken.undo();
    auto& write = prepared.writes.front();
    auto would_be = std::make_shared<Object>();
    would_be->key = std::move(write.key);
    if (write.object) would_be->json = json::serialize(*write.object);
    co_return would_be;
  }
  auto taken = std::move(prepared.taken);
  const auto begin = std::chrono::steady_clock::now();
  auto committed = co_await commit(*store_, std::move(prepared.writes));
  if (observer_)
    observer_(std::chrono::steady_clock::now() - begin, !committed && committed.error().code == 500);
  if (!committed) {
    if (taken.undo) taken.undo();
    co_return std::unexpected(committed.error());
  }
  if (taken.release) taken.release();
  co_return committed->front();
}

Task<Answer<Written>> Registry::create(const kube::Resource& resource, Place place, json::object object,
                                       Author author, WriteOptions options) {
  // A generated name that is taken is drawn anew; a chosen one that is taken is the writer's affair.
  const bool generated = place.name.empty() && text_in(object, "metadata", "name").empty();
  for (int attempt = 1;; ++attempt) {
    auto prepared = prepare_create(resource, place, object, author, options);
    if (!prepared) {
      if (generated && prepared.error().reason == "AlreadyExists" && attempt < kAttempts) continue;
      co_return std::unexpected(prepared.error());
    }
    Written out{.created = true, .warnings = std::move(prepared->warnings)};
    auto settled = co_await settle(std::move(*prepared), options.dry_run);
    if (settled) {
      out.object = std::move(*settled);
      co_return out;
    }
    if (!(generated && settled.error().reason == "AlreadyExists") || attempt == kAttempts)
      co_return std::unexpected(settled.error());
  }
}

Task<Answer<Written>> Registry::update(const kube::Resource& resource, Place place, std::string subresource,
                                       Change change, Author author, WriteOptions options, bool upsert) {
  for (int attempt = 1;; ++attempt) {
    const auto live = find(resource, place);
    if (!live && upsert) {
      auto object = change(nullptr);
      if (!object) co_return std::unexpected(object.error());
      auto created = co_await create(resource, place, std::move(*object), author, options);
      if (created || created.error().reason != "AlreadyExists" || attempt == kAttempts) co_return created;
      continue;
    }
    if (!live) co_return kube::not_found(group_resource(resource), place.name);
    auto prepared = prepare_update(resource, place, subresource, *live, change, author, options);
    if (!prepared) co_return std::unexpected(prepared.error());
    Written out{.warnings = std::move(prepared->warnings)};
    if (prepared->writes.empty()) {
      out.object = live;
      co_return out;
    }
    auto settled = co_await settle(std::move(*prepared), options.dry_run);
    if (settled) {
      out.object = std::move(*settled);
      co_return out;
    }
    // The change is made anew on what is there now; who named a revision is refused by that check.
    if (!is_conflict(settled.error()) || attempt == kAttempts) co_return std::unexpected(settled.error());
  }
}

Task<Answer<Removed>> Registry::remove(const kube::Resource& resource, Place place, DeleteOptions options,
                                       Check check) {
  for (int attempt = 1;; ++attempt) {
    const auto live = find(resource, place);
    if (!live) co_return kube::not_found(group_resource(resource), place.name);
    const auto old = view_of(resource, *live);
    if (check)
      if (const auto allowed = check(&old, nullptr); !allowed) co_return std::unexpected(allowed.error());
    auto last = end_life(resource, old, options, world_.moment());
    if (!last) co_return std::unexpected(last.error());
    Removed out{.object = live, .gone = !last->has_value()};
    Prepared prepared;
    if (out.gone) {
      prepared.writes.push_back({.key = live->key, .seen = live->revision});
      if (auto admitted = admit(resource, &old, nullptr, options.dry_run, prepared); !admitted)
        co_return std::unexpected(admitted.error());
    } else if (same_but_for_times(old, **last)) {
      co_return out;  // on its way already
    } else {
      prepared.writes.emplace_back();
      if (auto admitted = admit(resource, &old, &**last, options.dry_run, prepared); !admitted)
        co_return std::unexpected(admitted.error());
      prepared.writes.front() = write_of(resource, place, live->revision, std::move(**last));
    }
    if (options.dry_run) {
      if (prepared.taken.undo) prepared.taken.undo();
      co_return out;
    }
    auto settled = co_await settle(std::move(prepared), false);
    if (settled) {
      out.object = std::move(*settled);
      co_return out;
    }
    if (!is_conflict(settled.error()) || attempt == kAttempts) co_return std::unexpected(settled.error());
  }
}

}  // namespace podwire::server
