#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

namespace podwire::bench {

/// Measured values of one thing.
class Samples {
 public:
  void add(double value) { values_.push_back(value); }
  void add(const Samples& more) { values_.insert(values_.end(), more.values_.begin(), more.values_.end()); }
  [[nodiscard]] double median() const { return at(0.5); }
  [[nodiscard]] double p95() const { return at(0.95); }
  [[nodiscard]] double p99() const { return at(0.99); }
  [[nodiscard]] double largest() const { return at(1); }

 private:
  /// The smallest value that at least this share of all is not above.
  [[nodiscard]] double at(double share) const {
    if (values_.empty()) return 0;
    std::vector<double> sorted = values_;
    std::ranges::sort(sorted);
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
    return sorted[rank];
  }
  std::vector<double> values_;
};

}  // namespace podwire::bench
