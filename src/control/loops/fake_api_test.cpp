#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "control/loops/fake_api_testing.h"
#include "control/merge_testing.h"
#include "http/target.h"
#include "kube/schema.h"

// The body of FakeApi: here, so that it is in the test program alone.
namespace podwire::control::testing {

namespace asio = boost::asio;

namespace {

kube::GroupResource group_resource(const std::string& resource) {
  const auto dot = resource.find('.');
  if (dot == std::string::npos) return {"", resource};
  return {resource.substr(dot + 1), resource.substr(0, dot)};
}

const kube::Resource& described(const std::string& resource) {
  const auto wanted = group_resource(resource);
  for (const auto& r : kube::Schema::builtin().resources())
    if (r.plural == wanted.resource && r.group == wanted.group) return r;
  throw std::logic_error("no such resource: " + resource);
}

FakeApi::Key key_of(const json::object& object) {
  return {std::string(kube::text_in(object, "metadata", "namespace")),
          std::string(kube::text_in(object, "metadata", "name"))};
}

bool has_items(const json::array* list) { return list != nullptr && !list->empty(); }

http::Reply reply_of(const kube::Answer<json::object>& answer) {
  http::Reply reply{.status = answer ? 200 : answer.error().code};
  reply.headers = {{"Content-Type", "application/json"}};
  reply.body = json::serialize(answer ? *answer : kube::to_json(answer.error()));
  return reply;
}

}  // namespace

/// A watch in the client's hands.
class FakeApi::Watch final : public http::Incoming {
 public:
  Watch(FakeApi& api, const asio::any_io_executor& executor, std::string resource, std::uint64_t since)
      : api_(api), resource_(std::move(resource)), since_(since), timer_(executor) {
    api_.watches_.insert(this);
  }
  ~Watch() override { api_.watches_.erase(this); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  [[nodiscard]] int status() const override { return 200; }
  [[nodiscard]] std::string_view header(std::string_view /*name*/) const override { return {}; }

  http::Task<Result<std::string>> read(std::chrono::milliseconds /*at_most*/) override {
    while (true) {
      if (broken_) co_return fail("read answer", resource_, ECONNRESET);
      if (auto lines = news(); !lines.empty()) co_return lines;
      timer_.expires_at(asio::steady_timer::time_point::max());
      boost::system::error_code woken;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
  }

  void wake() { timer_.cancel(); }
  void break_off() {
    broken_ = true;
    wake();
  }

 private:
  std::string news() {
    const auto& collection = api_.collections_[resource_];
    std::string lines;
    for (std::size_t i = 0; i < collection.told; ++i) {
      const auto& event = collection.log[i];
      if (event.revision <= since_) continue;
      since_ = event.revision;
      lines += json::serialize(json::object{{"type", event.type}, {"object", event.object}}) + "\n";
    }
    if (!lines.empty() || api_.held_ || since_ >= api_.revision_) return lines;
    since_ = api_.revision_;
    json::object nothing{{"kind", "Bookmark"}, {"metadata", {{"resourceVersion", std::to_string(since_)}}}};
    return json::serialize(json::object{{"type", "BOOKMARK"}, {"object", std::move(nothing)}}) + "\n";
  }

  FakeApi& api_;
  std::string resource_;
  std::uint64_t since_;
  asio::steady_timer timer_;
  bool broken_ = false;
};

std::optional<FakeApi::Path> FakeApi::path_of(const http::Target& target) {
  const auto& parts = target.segments;
  std::size_t at = parts.at(0) == "api" ? 2 : 3;
  const std::string group = parts.at(0) == "api" ? "" : parts.at(1);
  Path path;
  if (at + 2 < parts.size() && parts[at] == "namespaces" && parts[at + 2] != "status" &&
      parts[at + 2] != "finalize") {
    path.ns = parts[at + 1];
    at += 2;
  }
  if (at >= parts.size()) return std::nullopt;
  path.resource = kube::GroupResource{group, parts[at]}.str();
  if (at + 1 < parts.size()) path.name = parts[at + 1];
  if (at + 2 < parts.size()) path.subresource = parts[at + 2];
  return path;
}

http::Task<Result<http::Reply>> FakeApi::send(http::Call call) {
  co_await asio::post(asio::use_awaitable);
  const auto target = http::parse_target(call.target);
  const auto path = target ? path_of(*target) : std::nullopt;
  if (!path) co_return reply_of(kube::no_such_resource());
  calls.push_back(call);
  const bool is_write = call.method != "GET" && path->resource != "events";
  std::optional<Fault> fails;
  if (is_write) {
    ++writes;
    if (fault) fails = fault(call);
  }
  if (fails == Fault::lost) co_return fail("call", call.target, ECONNRESET);
  if (fails == Fault::refused) co_return reply_of(kube::internal_error("refused by the test"));
  const auto answered = answer(call, *path);
  if (is_write && answered && written) written(call, path->resource);
  co_await asio::post(asio::use_awaitable);
  if (fails == Fault::unanswered) co_return fail("call", call.target, ECONNRESET);
  co_return reply_of(answered);
}

http::Task<Result<std::unique_ptr<http::Incoming>>> FakeApi::open(http::Call call) {
  co_await asio::post(asio::use_awaitable);
  const auto target = http::parse_target(call.target);
  const auto path = target ? path_of(*target) : std::nullopt;
  if (!path) co_return fail("watch", call.target);
  std::uint64_t since = 0;
  bool initial = false;
  for (const auto& [name, value] : target->query) {
    if (name == "resourceVersion") std::from_chars(value.data(), value.data() + value.size(), since);
    initial = initial || name == "sendInitialEvents";
  }
  if (initial) {
    struct Refusal final : http::Incoming {
      [[nodiscard]] int status() const override { return 422; }
      [[nodiscard]] std::string_view header(std::string_view /*name*/) const override { return {}; }
      http::Task<Result<std::string>> read(std::chrono::milliseconds /*at_most*/) override {
        co_return std::string();
      }
    };
    co_return std::make_unique<Refusal>();
  }
  const auto executor = co_await asio::this_coro::executor;
  co_return std::make_unique<Watch>(*this, executor, path->resource, since);
}

kube::Answer<json::object> FakeApi::answer(const http::Call& call, const Path& path) {
  json::object body;
  if (!call.body.empty()) body = json::parse(call.body).get_object();
  if (call.method == "POST") return post(path, std::move(body));
  if (call.method == "GET" && path.name.empty()) return list(path);
  if (find(path.resource, path.ns, path.name) == nullptr)
    return kube::not_found(group_resource(path.resource), path.name);
  if (call.method == "PATCH") return patch(path, body);
  if (call.method == "DELETE") return remove(path, body);
  return *find(path.resource, path.ns, path.name);
}

json::object FakeApi::list(const Path& path) {
  json::array items;
  for (const auto& [key, object] : collections_[path.resource].objects)
    if (path.ns.empty() || key.first == path.ns) items.emplace_back(object);
  return {{"kind", "List"},
          {"metadata", {{"resourceVersion", std::to_string(revision_)}}},
          {"items", std::move(items)}};
}

kube::Answer<json::object> FakeApi::post(const Path& path, json::object body) {
  if (path.subresource == "binding") {
    const auto* pod = find(path.resource, path.ns, path.name);
    if (pod == nullptr) return kube::not_found(group_resource(path.resource), path.name);
    if (!kube::text_in(*pod, "spec", "nodeName").empty())
      return kube::conflict(group_resource(path.resource), path.name, "it is bound already");
    auto bound = *pod;
    kube::object_at(bound, "spec")["nodeName"] = kube::text_in(body, "target", "name");
    store(path.resource, std::move(bound), "MODIFIED");
    return kube::success(group_resource(path.resource), path.name, "");
  }
  auto& metadata = kube::object_at(body, "metadata");
  if (!path.ns.empty()) metadata["namespace"] = path.ns;
  const auto name = std::string(kube::text_in(metadata, "name"));
  if (!name.empty() && find(path.resource, path.ns, name) != nullptr)
    return kube::already_exists(group_resource(path.resource), name);
  return create(path.resource, std::move(body));
}

json::object FakeApi::create(const std::string& resource, json::object object) {
  const auto& about = described(resource);
  object["apiVersion"] = about.api_version();
  object["kind"] = about.kind;
  auto& metadata = kube::object_at(object, "metadata");
  if (!metadata.contains("name"))
    metadata["name"] = fmt::format("{}{:05}", kube::text_in(metadata, "generateName"), ++names_);
  metadata["uid"] = fmt::format("uid-{}", ++names_);
  metadata["creationTimestamp"] = kube::time_text(now_());
  metadata["generation"] = 1;
  return store(resource, std::move(object), "ADDED");
}

kube::Answer<json::object> FakeApi::patch(const Path& path, const json::object& patch) {
  const auto& before = *find(path.resource, path.ns, path.name);
  for (const auto* key : {"resourceVersion", "uid"}) {
    const auto wanted = kube::text_in(patch, "metadata", key);
    if (!wanted.empty() && wanted != kube::text_in(before, "metadata", key))
      return kube::modified_since(group_resource(path.resource), path.name);
  }
  json::value patched(before);
  merge(patched, patch);
  auto after = std::move(patched.get_object());
  if (path.subresource == "status") {
    auto whole = before;
    whole["status"] = after["status"];
    after = std::move(whole);
  } else if (const auto* status = before.if_contains("status")) {
    after["status"] = *status;
  }
  if (after == before) return before;
  const auto* spec = after.if_contains("spec");
  const auto* old = before.if_contains("spec");
  if (spec != nullptr && (old == nullptr || *spec != *old)) {
    auto& generation = after["metadata"].get_object()["generation"];
    generation = generation.to_number<std::int64_t>() + 1;
  }
  const bool goes =
      kube::in(after, "metadata", "deletionTimestamp") != nullptr &&
      !has_items(kube::array_in(after, "metadata", "finalizers")) && path.resource != "pods" &&
      (path.resource != "namespaces" || !has_items(kube::array_in(after, "spec", "finalizers")));
  if (!goes) return store(path.resource, std::move(after), "MODIFIED");
  drop(path.resource, {path.ns, path.name});
  return after;
}

kube::Answer<json::object> FakeApi::remove(const Path& path, const json::object& options) {
  auto object = *find(path.resource, path.ns, path.name);
  const auto uid = kube::text_in(options, "preconditions", "uid");
  if (!uid.empty() && uid != kube::text_in(object, "metadata", "uid"))
    return kube::conflict(group_resource(path.resource), path.name, "another uid");
  auto& metadata = object["metadata"].get_object();
  const auto policy = kube::text_in(options, "propagationPolicy");
  if (policy == "Foreground" || policy == "Orphan") {
    auto& finalizers = metadata["finalizers"];
    if (!finalizers.is_array()) finalizers.emplace_array();
    finalizers.get_array().emplace_back(policy == "Foreground" ? "foregroundDeletion" : "orphan");
  }
  const auto* grace = kube::in(options, "gracePeriodSeconds");
  const bool bound = path.resource == "pods" && !kube::text_in(object, "spec", "nodeName").empty() &&
                     (grace == nullptr || *grace != 0);
  if (bound || has_items(kube::array_in(object, "metadata", "finalizers")) ||
      (path.resource == "namespaces" && has_items(kube::array_in(object, "spec", "finalizers")))) {
    if (metadata.contains("deletionTimestamp")) return object;
    metadata["deletionTimestamp"] = kube::time_text(now_());
    return store(path.resource, std::move(object), "MODIFIED");
  }
  drop(path.resource, {path.ns, path.name});
  return object;
}

json::object FakeApi::store(const std::string& resource, json::object object, const char* type) {
  object["metadata"].get_object()["resourceVersion"] = std::to_string(++revision_);
  auto& collection = collections_[resource];
  collection.objects[key_of(object)] = object;
  collection.log.push_back({revision_, type, object});
  wake();
  return object;
}

void FakeApi::drop(const std::string& resource, const Key& key) {
  auto& collection = collections_[resource];
  auto object = collection.objects.extract(key).mapped();
  object["metadata"].get_object()["resourceVersion"] = std::to_string(++revision_);
  collection.log.push_back({revision_, "DELETED", std::move(object)});
  wake();
}

void FakeApi::change(const std::string& resource, const std::string& ns, const std::string& name,
                     const std::function<void(json::object&)>& how) {
  auto object = *find(resource, ns, name);
  const auto spec = object["spec"];
  how(object);
  if (object["spec"] != spec) {
    auto& generation = object["metadata"].get_object()["generation"];
    generation = generation.to_number<std::int64_t>() + 1;
  }
  store(resource, std::move(object), "MODIFIED");
}

void FakeApi::erase(const std::string& resource, const std::string& ns, const std::string& name) {
  if (find(resource, ns, name) != nullptr) drop(resource, {ns, name});
}

const json::object* FakeApi::find(const std::string& resource, const std::string& ns,
                                  const std::string& name) const {
  const auto collection = collections_.find(resource);
  if (collection == collections_.end()) return nullptr;
  const auto at = collection->second.objects.find({ns, name});
  return at != collection->second.objects.end() ? &at->second : nullptr;
}

std::vector<const json::object*> FakeApi::all(const std::string& resource) const {
  std::vector<const json::object*> out;
  if (const auto collection = collections_.find(resource); collection != collections_.end())
    for (const auto& [key, object] : collection->second.objects) out.push_back(&object);
  return out;
}

void FakeApi::wake() {
  if (!held_)
    for (auto& [resource, collection] : collections_) collection.told = collection.log.size();
  for (auto* watch : watches_) watch->wake();
}

bool FakeApi::release_one(const std::string& resource) {
  auto& collection = collections_[resource];
  if (collection.told == collection.log.size()) return false;
  ++collection.told;
  for (auto* watch : watches_) watch->wake();
  return true;
}

void FakeApi::release_all() {
  held_ = false;
  wake();
}

void FakeApi::break_watches() {
  for (auto* watch : watches_) watch->break_off();
}

std::set<std::string> FakeApi::resources_held() const {
  std::set<std::string> out;
  for (const auto& [resource, collection] : collections_)
    if (collection.told < collection.log.size()) out.insert(resource);
  return out;
}

}  // namespace podwire::control::testing
