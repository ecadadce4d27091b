#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "agent/companion.h"

namespace podwire::agent {

/// Several companions as one. They start in the order in which they were added, and stop the other way round.
class Companions final : public Companion {
 public:
  /// Before start(). nullptr is nobody.
  void add(std::unique_ptr<Companion> companion) {
    if (companion != nullptr) all_.push_back(std::move(companion));
  }

  Result<> start(const Site& site) override {
    for (const auto& companion : all_) TRY(companion->start(site));
    return {};
  }
  http::Task<void> stop() override {
    for (auto companion = all_.rbegin(); companion != all_.rend(); ++companion) co_await (*companion)->stop();
  }

 private:
  std::vector<std::unique_ptr<Companion>> all_;
};

}  // namespace podwire::agent
