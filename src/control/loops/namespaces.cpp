#include "control/loops/keys.h"
#include "control/loops/parts.h"
#include "control/namespace_deletion.h"
#include "kube/schema.h"

namespace podwire::control {
namespace {

using namespace std::chrono_literals;

constexpr auto kSoon = 100ms;  // what goes in a burst is looked at once
constexpr auto kAskAgain = 2s;
constexpr std::uint64_t kPage = 500;

std::vector<std::string> resources_of(const Caches& caches) {
  std::vector<std::string> all;
  for (const auto& source : caches.sources()) all.push_back(source->resource());
  return all;
}

class Namespaces final : public Loop {
 public:
  explicit Namespaces(Surroundings& around)
      : Loop(around, "namespace-controller", resources_of(around.caches)) {
    caches().namespaces.on_change([this](const auto& before, const auto& after) {
      if (after && after->meta.deleted) touch(key_of((after ? after : before)->meta));
    });
    for (const auto& source : caches().sources())
      if (source->namespaced())
        source->on_change([this](const MetaPtr& before, const MetaPtr& after) {
          const auto& ns = (after != nullptr ? after : before)->namespace_;
          const auto found = caches().namespaces.find("", ns);
          if (found && found->meta.deleted) touch_at(key_of("", ns), now() + kSoon);
        });
  }

 private:
  http::Task<Decision> decide(std::string key) override {
    Decision decision;
    const auto ns = find(caches().namespaces, key);
    if (!ns || !ns->meta.deleted) co_return decision;
    std::vector<Content> content;
    for (const auto& source : caches().sources())
      if (source->namespaced())
        for (const auto* meta : source->in_namespace(ns->meta.name))
          content.push_back({source->resource(), *meta});
    if (content.empty()) {
      // The caches may be late, and do not have everything: before the namespace goes the API is asked.
      auto left = co_await left_over(ns->meta.name);
      if (!left || !left->empty()) {
        if (left) decision.actions = std::move(*left);
        decision.look_again = now() + (left ? std::chrono::milliseconds(kSoon) : kAskAgain);
        co_return decision;
      }
    }
    std::vector<const Content*> pointers;
    pointers.reserve(content.size());
    for (const auto& one : content) pointers.push_back(&one);
    decision.actions = reconcile_namespace({.ns = *ns, .content = pointers, .now = now()});
    co_return decision;
  }

  /// What the API still has there, to be deleted; nullopt: it did not say.
  http::Task<std::optional<Actions>> left_over(std::string ns) {
    Actions deletions;
    for (const auto& resource : kube::Schema::builtin().resources()) {
      if (!resource.stored || !resource.namespaced) continue;
      const auto name = kube::GroupResource{resource.group, resource.plural}.str();
      client::ObjectPath path{name, ns, "", ""};
      client::ListOptions options;
      options.limit = kPage;
      options.metadata_only = true;
      auto page = co_await api().list(std::move(path), std::move(options));
      if (!page) co_return std::nullopt;
      const auto* items = kube::array_in(*page, "items");
      for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
        auto one = kube::typed_from<client::Metadata>((*items)[i]);
        if (!one) co_return std::nullopt;
        deletions.emplace_back(Delete{name, ns, one->meta.name, one->meta.uid, {}});
      }
    }
    co_return deletions;
  }
};

}  // namespace

std::unique_ptr<Loop> namespaces(Surroundings& around) { return std::make_unique<Namespaces>(around); }

}  // namespace podwire::control
