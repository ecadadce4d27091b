#include <fmt/format.h>

#include <utility>

#include "kernel/nft/nft.h"

namespace podwire::kernel {
namespace {

std::string_view verb_of(NftBatch::Step::Kind kind) {
  switch (kind) {
    case NftBatch::Step::Kind::add:
      return "add element";
    case NftBatch::Step::Kind::create:
      return "create element";
    case NftBatch::Step::Kind::remove:
      return "delete element";
    case NftBatch::Step::Kind::flush:
      return "flush set";
  }
  return "unknown step";
}

}  // namespace

NftBatch& NftBatch::add(state::NftSet set, std::vector<state::NftElement> elements) {
  steps_.push_back({Step::Kind::add, std::move(set), std::move(elements)});
  return *this;
}

NftBatch& NftBatch::create(state::NftSet set, std::vector<state::NftElement> elements) {
  steps_.push_back({Step::Kind::create, std::move(set), std::move(elements)});
  return *this;
}

NftBatch& NftBatch::remove(state::NftSet set, std::vector<state::NftElement> elements) {
  steps_.push_back({Step::Kind::remove, std::move(set), std::move(elements)});
  return *this;
}

NftBatch& NftBatch::flush(state::NftSet set) {
  steps_.push_back({Step::Kind::flush, std::move(set), {}});
  return *this;
}

std::string NftBatch::str() const {
  std::string out;
  for (const Step& step : steps_) {
    const std::string start = fmt::format("{} {}", verb_of(step.kind), describe(step.set));
    if (step.kind == Step::Kind::flush) out += start + "\n";
    for (const auto& e : step.elements) out += fmt::format("{} {}\n", start, describe(e));
  }
  return out;
}

}  // namespace podwire::kernel
