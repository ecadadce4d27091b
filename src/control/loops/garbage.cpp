#include <unordered_map>
#include <unordered_set>

#include "control/garbage_collector.h"
#include "control/loops/keys.h"
#include "control/loops/parts.h"
#include "kube/schema.h"

namespace podwire::control {
namespace {

using namespace std::chrono_literals;

constexpr auto kAskAgain = 5s;

std::vector<std::string> resources_of(const Caches& caches) {
  std::vector<std::string> all;
  for (const auto& source : caches.sources()) all.push_back(source->resource());
  return all;
}

/// Whom the action is done to: "resource namespace/name".
std::string target_of(const Action& action) {
  return std::visit(
      [](const auto& a) -> std::string {
        if constexpr (requires { a.resource; }) return a.resource + " " + a.namespace_ + "/" + a.name;
        return "";
      },
      action);
}

/// Keys: "" is the graph, a look at which says what to do about which objects; "resource namespace/name" one
/// of those; "?uid" an owner that is not known.
class Garbage final : public Loop {
 public:
  explicit Garbage(Surroundings& around)
      : Loop(around, "garbage-collector-controller", resources_of(around.caches)) {
    for (const auto& one : caches().sources()) {
      auto* source = one.get();
      source->on_change([this, source](const MetaPtr& before, const MetaPtr& after) {
        if (after != nullptr) {
          graph_.observe(source->resource(), after);
        } else {
          graph_.forget(before->uid);
        }
        touch("");
      });
    }
  }

 private:
  http::Task<Decision> decide(std::string key) override {
    Decision decision;
    if (key.starts_with('?')) {
      decision.look_again = co_await ask(key);
      co_return decision;
    }
    if (failed_.erase(key) != 0) look_anew(key);
    look_at_graph(key);
    if (auto todo = todo_.extract(key)) decision.actions = std::move(todo.mapped());
    co_return decision;
  }

  void performed(const std::string& key, const Performed& done) override {
    if (!done.clean()) failed_.insert(key);
  }

  /// What it asked for was not done: it asks again when it has been told of the object again.
  void look_anew(const std::string& key) {
    const auto space = key.find(' '), slash = key.find('/', space);
    const auto* source = caches().source(std::string_view(key).substr(0, space));
    if (source == nullptr) return;
    const auto meta =
        source->find(std::string_view(key).substr(space + 1, slash - space - 1), key.substr(slash + 1));
    if (meta != nullptr) graph_.observe(source->resource(), meta);
  }

  /// Touches whom something is to be done to, but not the key that is being decided: that comes next anyway,
  /// and a touch would have it looked at again at once, though what it does were refused each time.
  void look_at_graph(const std::string& deciding) {
    std::unordered_set<std::string> fresh;
    for (auto& action : graph_.decide()) {
      const auto target = target_of(action);
      auto& todo = todo_[target];
      if (fresh.insert(target).second) todo.clear();
      todo.push_back(std::move(action));
      if (target != deciding) touch(target);
    }
    for (auto& question : graph_.take_questions()) {
      const auto key = "?" + question.owner.uid;
      questions_[key] = std::move(question);
      touch(key);
    }
  }

  /// When to ask again; nullopt: it was answered.
  http::Task<std::optional<kube::Time>> ask(std::string key) {
    const auto asked = questions_.find(key);
    if (asked == questions_.end()) co_return std::nullopt;
    const auto question = asked->second;
    const auto* resource = kube::Schema::builtin().kind(question.owner.api_version, question.owner.kind);
    if (resource == nullptr) {  // nobody here knows it: whoever depends on it stays
      questions_.erase(key);
      co_return std::nullopt;
    }
    const auto name = kube::GroupResource{resource->group, resource->plural}.str();
    client::ObjectPath path{name, resource->namespaced ? question.namespace_ : "", question.owner.name, ""};
    auto found = co_await api().get(std::move(path));
    if (!found && found.error().code != 404) co_return now() + kAskAgain;
    questions_.erase(key);
    std::optional<client::Metadata> there;
    if (found)
      if (auto typed = kube::typed_from<client::Metadata>(json::value(*found))) there = std::move(*typed);
    if (there && there->meta.uid == question.owner.uid) {
      graph_.observe(name, std::make_shared<const kube::ObjectMeta>(std::move(there->meta)));
    } else {
      graph_.forget(question.owner.uid);
    }
    touch("");
    co_return std::nullopt;
  }

  GarbageCollector graph_;
  std::unordered_map<std::string, Actions> todo_;
  std::unordered_set<std::string> failed_;
  std::unordered_map<std::string, GarbageCollector::Question> questions_;
};

}  // namespace

std::unique_ptr<Loop> garbage(Surroundings& around) { return std::make_unique<Garbage>(around); }

}  // namespace podwire::control
