#include "control/loops/perform.h"

#include <algorithm>

#include "client/watch_event.h"
#include "control/loops/recorder.h"

namespace podwire::control {
namespace {

std::uint64_t revision_in(const json::object& object) {
  return client::revision_from(kube::text_in(object, "metadata", "resourceVersion")).value_or(0);
}

void note_failure(Performed& done, kube::Status status, std::string what) {
  if (done.failure) return;
  done.failure = std::move(status);
  done.failed = std::move(what);
}

/// It may have been done nevertheless.
bool is_unsure(const kube::Status& status) { return status.code == 0 || status.code >= 500; }

Record named(Record record, std::string_view name) {
  if (const auto at = record.message.find("{}"); at != std::string::npos) record.message.replace(at, 2, name);
  return record;
}

}  // namespace

Performer::Performer(client::Api api, Recorder& recorder, std::string component)
    : api_(std::move(api)), recorder_(recorder), component_(std::move(component)) {}

http::Task<Performed> Performer::perform(Actions actions) {
  Performed done;
  std::vector<std::string> refused;  // resources of which one could not be created
  for (auto& action : actions) {
    if (done.stale) break;
    if (auto* create = std::get_if<Create>(&action)) {
      if (std::ranges::find(refused, create->resource) != refused.end()) continue;
      auto resource = create->resource;
      const bool made = co_await this->create(std::move(*create), done);
      if (!made) refused.push_back(std::move(resource));
    } else if (auto* patch = std::get_if<Patch>(&action)) {
      co_await this->patch(std::move(*patch), done);
    } else if (auto* deletion = std::get_if<Delete>(&action)) {
      co_await remove(std::move(*deletion), done);
    } else {
      recorder_.tell(component_, std::get<Record>(std::move(action)));
    }
  }
  co_return done;
}

http::Task<bool> Performer::create(Create create, Performed& done) {
  client::ObjectPath path{create.resource, create.namespace_, create.name, create.subresource};
  auto made = co_await api_.create(std::move(path), std::move(create.object));
  if (made) {
    if (create.subresource.empty())
      done.expected.push_back({.resource = create.resource, .revision = revision_in(*made)});
    if (create.record)
      recorder_.tell(component_, named(std::move(*create.record), kube::text_in(*made, "metadata", "name")));
    co_return true;
  }
  const auto& status = made.error();
  if (status.code == 409) {
    done.stale = true;
    done.name_taken = status.reason == "AlreadyExists";
    co_return false;
  }
  if (is_unsure(status)) done.unsure.push_back(create.resource);
  note_failure(done, status, "create " + create.resource);
  co_return false;
}

http::Task<void> Performer::patch(Patch patch, Performed& done) {
  client::ObjectPath path{patch.resource, patch.namespace_, patch.name, patch.subresource};
  json::value merge(std::move(patch.merge));
  auto made = co_await api_.patch(std::move(path), std::move(merge));
  if (made) {
    done.expected.push_back({.resource = patch.resource, .revision = revision_in(*made)});
  } else if (made.error().code == 409 || made.error().code == 404) {
    done.stale = true;
  } else {
    if (is_unsure(made.error())) done.unsure.push_back(patch.resource);
    note_failure(done, std::move(made.error()), "patch " + patch.resource);
  }
}

http::Task<void> Performer::remove(Delete deletion, Performed& done) {
  client::ObjectPath path{deletion.resource, deletion.namespace_, deletion.name, ""};
  client::DeleteOptions options;
  options.uid = deletion.uid;
  options.grace_seconds = deletion.grace_seconds;
  options.propagation = deletion.propagation;
  auto gone = co_await api_.remove(std::move(path), std::move(options));
  if (!gone && gone.error().code != 404 && gone.error().code != 409) {
    note_failure(done, std::move(gone.error()), "delete " + deletion.resource);
    co_return;
  }
  done.expected.push_back({.resource = deletion.resource,
                           .namespace_ = deletion.namespace_,
                           .name = deletion.name,
                           .uid = deletion.uid});
}

http::Task<std::optional<std::uint64_t>> Performer::revision_of(std::string resource) {
  client::ObjectPath path{std::move(resource), "", "", ""};
  client::ListOptions options;
  options.limit = 1;
  options.metadata_only = true;
  auto page = co_await api_.list(std::move(path), std::move(options));
  if (!page) co_return std::nullopt;
  co_return revision_in(*page);
}

}  // namespace podwire::control
