#include "kernel/fake/fake_nft.h"

#include <cerrno>
#include <functional>

#include "kernel/fake/shape.h"

namespace podwire::kernel::fake {
namespace {

using Step = NftBatch::Step;

struct Found {
  NftTable* table = nullptr;
  NftSetContent* set = nullptr;
};

Result<Found> find_set(NftTables& tables, std::string_view verb, const state::NftSet& name) {
  const auto table = tables.find({name.family, name.table});
  if (table == tables.end()) return fail(verb, describe(name), ENOENT, "no such table");
  const auto set = table->second.sets.find(name.name);
  if (set == table->second.sets.end()) return fail(verb, describe(name), ENOENT, "no such set");
  return Found{&table->second, &set->second};
}

/// Remembers how each set was, for when a later step of the batch fails.
class Undo {
 public:
  ~Undo() {
    if (!kept_)
      for (auto it = steps_.rbegin(); it != steps_.rend(); ++it) (*it)();
  }
  void element(NftSetContent& set, const state::NftElement& element) {
    const NftSetContent::Key key{element.key, element.key_end};
    const auto it = set.elements().find(key);
    std::optional<state::NftElement> old;
    if (it != set.elements().end()) old = it->second;
    steps_.emplace_back([&set, key, old] { set.restore(key, old); });
  }
  void whole(NftSetContent& set) {
    steps_.emplace_back([&set, old = set] { set = old; });
  }
  void keep() { kept_ = true; }

 private:
  std::vector<std::function<void()>> steps_;
  bool kept_ = false;
};

int change(const Found& at, Step::Kind kind, const state::NftElement& element, Undo& undo) {
  if (element.verdict && !element.verdict->chain.empty() &&
      !at.table->chains.contains(element.verdict->chain))
    return ENOENT;
  if (kind == Step::Kind::remove && at.set->type().intervals)
    undo.whole(*at.set);  // which element goes is for the set to say
  else
    undo.element(*at.set, element);
  switch (kind) {
    case Step::Kind::add:
      return at.set->insert(element, false);
    case Step::Kind::create:
      return at.set->insert(element, true);
    case Step::Kind::remove:
      return at.set->erase(element);
    case Step::Kind::flush:
      return 0;
  }
  return 0;
}

/// There is no clock: what can expire has all its time left.
state::NftElement as_read(state::NftElement element) {
  element.expires = element.timeout;
  return element;
}

}  // namespace

Result<> FakeNft::load_shape(std::string_view text) {
  return machine_->mutate(fmt::format("nft load_shape {}", text.substr(0, text.find('\n'))),
                          [&]() -> Result<> {
                            home_->tables = TRY(shape(home_->tables, text));
                            return {};
                          });
}

Result<> FakeNft::commit(const NftBatch& batch) {
  std::string text = batch.str();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at))
    text.replace(at, 1, "; ");
  return machine_->mutate("nft commit " + text, [&]() -> Result<> {
    Undo undo;
    for (const auto& step : batch.steps()) {
      if (step.elements.empty() && step.kind != Step::Kind::flush) continue;  // no message is sent
      const Found at = TRY(find_set(home_->tables, "change set", step.set));
      if (step.kind == Step::Kind::flush) {
        undo.whole(*at.set);
        at.set->clear();
      }
      for (const auto& element : step.elements)
        if (const int err = change(at, step.kind, element, undo))
          return fail("change set", describe(step.set) + ", element " + describe(element), err);
    }
    undo.keep();
    return {};
  });
}

Result<std::optional<state::NftElement>> FakeNft::get(const state::NftSet& name, const state::NftBytes& key) {
  const Found at = TRY(find_set(home_->tables, "look up in set", name));
  if (!at.set->fits_key(key))
    return fail("look up in set", describe(name) + ", element " + key.hex(), EINVAL);
  const auto* element = at.set->find(key);
  if (element == nullptr) return std::nullopt;
  return as_read(*element);
}

Result<std::vector<state::NftElement>> FakeNft::elements(const state::NftSet& name) {
  const Found at = TRY(find_set(home_->tables, "list set", name));
  std::vector<state::NftElement> out;
  for (const auto& [key, element] : at.set->elements()) out.push_back(as_read(element));
  return out;
}

Result<bool> FakeNft::has_table(state::NftFamily family, std::string_view table) {
  return home_->tables.contains({family, std::string(table)});
}

Result<> FakeNft::delete_table(state::NftFamily family, std::string_view table) {
  return machine_->mutate(fmt::format("nft delete_table {}", table), [&]() -> Result<> {
    home_->tables.erase({family, std::string(table)});
    return {};
  });
}

}  // namespace podwire::kernel::fake
