#include <gmock/gmock.h>

#include <map>
#include <random>

#include "server/store/store.h"
#include "server/store/store_testing.h"

/// The store beside the simplest thing that does the same: a map, and a copy of it for each revision.
namespace podwire::server {
namespace {

using namespace testing;

/// (ns, name) to (revision, text).
using State = std::map<std::pair<std::string, std::string>, std::pair<std::uint64_t, std::string>>;

State state_of(const std::vector<ObjectPtr>& objects) {
  State state;
  for (const auto& object : objects)
    state[{object->key.ns, object->key.name}] = {object->revision, text_of(*object)};
  return state;
}

class Model {
 public:
  /// Whether all of the writes may happen; then they have.
  bool commit(const std::vector<Write>& writes, const std::string& text) {
    auto next = states_.rbegin()->second;
    auto revision = states_.rbegin()->first;
    std::map<std::uint64_t, State> steps;
    for (const auto& write : writes) {
      const std::pair name(write.key.ns, write.key.name);
      const auto found = next.find(name);
      if ((found == next.end() ? 0 : found->second.first) != write.seen) return false;
      if (!write.object && write.seen == 0) return false;
      ++revision;
      if (write.object)
        next[name] = {revision, text};
      else
        next.erase(name);
      steps[revision] = next;
    }
    states_.merge(steps);
    return true;
  }
  [[nodiscard]] const State& now() const { return states_.rbegin()->second; }
  [[nodiscard]] const State& at(std::uint64_t revision) const { return states_.at(revision); }
  [[nodiscard]] std::uint64_t revision() const { return states_.rbegin()->first; }

 private:
  std::map<std::uint64_t, State> states_{{1, {}}};
};

struct Walk {
  explicit Walk(unsigned seed) : random(seed) {}

  unsigned below(unsigned bound) { return static_cast<unsigned>(random() % bound); }

  /// Mostly what may happen, and often what may not.
  std::vector<Write> some_writes(const std::string& text) {
    std::map<Key, Write> writes;
    for (auto left = 1 + below(3); left > 0; --left) {
      const auto key = pod("p" + std::to_string(below(8)), "n" + std::to_string(below(3)));
      const auto found = model.now().find({key.ns, key.name});
      auto seen = found == model.now().end() ? 0 : found->second.first;
      if (below(10) == 0) seen = below(static_cast<unsigned>(model.revision()) + 2);
      writes[key] = below(3) == 0 ? erase(key, seen) : put(key, seen, text);
    }
    std::vector<Write> out;
    out.reserve(writes.size());
    for (auto& [key, write] : writes) out.push_back(std::move(write));
    return out;
  }

  /// Commits, with up to three others on their way, and compares the outcome.
  void commit_some() {
    for (auto left = 1 + below(4); left > 0; --left) {
      const auto text = "t" + std::to_string(texts++);
      auto writes = some_writes(text);
      const bool fine = model.commit(writes, text);
      ++expected;
      store->commit(std::move(writes), [this, fine, revision = model.revision()](const Outcome& outcome) {
        ++settled;
        EXPECT_EQ(outcome.has_value(), fine);
        if (outcome) {
          EXPECT_EQ(store->revision(), revision);
          EXPECT_EQ(outcome->back()->revision, revision);
        }
      });
    }
    loop.run_until([&] { return settled == expected; });
    loop.run();
  }

  /// A list in pages, while other things are committed: all of one revision.
  void list_in_pages() {
    ListQuery query{.resource = "pods", .revision = model.revision() - below(20), .limit = 1 + below(4)};
    if (query.revision > model.revision()) query.revision = 1;  // it wrapped
    if (below(2) == 0) query.ns = "n" + std::to_string(below(3));
    auto wanted = model.at(query.revision);
    if (query.ns) std::erase_if(wanted, [&](const auto& item) { return item.first.first != *query.ns; });
    std::vector<ObjectPtr> all;
    for (;;) {
      auto page = store->list(query);
      if (!page) {
        EXPECT_EQ(page.error(), Unserved::expired);
        EXPECT_LT(query.revision, store->stats().at(0).oldest);
        return;
      }
      all.insert(all.end(), page->items.begin(), page->items.end());
      EXPECT_EQ(all.size() + page->remaining, wanted.size());
      if (!page->more) break;
      query.after = {all.back()->key.ns, all.back()->key.name};
      if (below(3) == 0) commit_some();
    }
    EXPECT_EQ(state_of(all), wanted);
  }

  /// What a watcher knows from its list and its events is what there is.
  void read_watch() {
    if (!watch || below(20) == 0) {
      watched = model.now();
      watch = *store->watch({.resource = "pods"}, model.revision(), [] {});
    }
    for (;;) {
      auto events = watch->next(1 + below(5));
      if (!events) return watch.reset();
      for (const auto& event : *events) {
        const std::pair name(event.object->key.ns, event.object->key.name);
        const auto before = watched.find(name);
        EXPECT_EQ(event.previous ? event.previous->revision : 0,
                  before == watched.end() ? 0 : before->second.first);
        if (event.type == EventType::deleted)
          watched.erase(name);
        else
          watched[name] = {event.object->revision, text_of(*event.object)};
        EXPECT_EQ(watched, model.at(event.object->revision));
      }
      if (events->empty()) return;
    }
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      commit_some();
      EXPECT_EQ(state_of(store->list({.resource = "pods"})->items), model.now());
      if (below(2) == 0) list_in_pages();
      if (below(3) == 0) read_watch();
    }
    EXPECT_EQ(store->revision(), model.revision());
  }

  std::mt19937 random;
  Model model;
  Loop loop;
  std::unique_ptr<Store> store = open_store(loop, {.ring_events = 30});
  std::unique_ptr<Watch> watch;
  State watched;
  int texts = 0, expected = 0, settled = 0;
};

class ModelTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(ModelTest, TheStoreDoesWhatTheModelDoes) { Walk(GetParam()).run(300); }

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Range(1U, 11U));

}  // namespace
}  // namespace podwire::server
