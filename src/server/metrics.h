#pragma once
#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "kube/schema.h"
#include "server/query.h"
#include "server/request_limits.h"
#include "server/request_path.h"
#include "server/store/store.h"

namespace podwire::server {

/// What requests are counted by, as kube-apiserver does. What clients make up does not get in: a resource
/// that does not exist counts as none.
struct RequestLabels {
  std::string verb, group, version, resource, subresource, scope;

  static RequestLabels of(std::string_view method, const std::vector<std::string>& path, bool watch,
                          std::string_view content_type, const kube::Schema& schema);
  friend auto operator<=>(const RequestLabels&, const RequestLabels&) = default;
};

/// What the server can say of itself, for Prometheus. Names are kube-apiserver's, where it has such a figure.
class Metrics {
 public:
  void count(const RequestLabels& labels, int code) { ++requests_[{labels, code}]; }
  /// A watch has begun, or ended.
  void count_watch(const RequestLabels& labels, int change) { watches_[labels] += change; }
  void observe_commit(std::chrono::nanoseconds took);

  /// In the text format 0.0.4.
  [[nodiscard]] std::string text(const Store& store, const RequestLimits& limits) const;

 private:
  static constexpr std::array<double, 14> kBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                  0.05,   0.1,     0.25,   0.5,   1,      5};  // seconds

  std::map<std::pair<RequestLabels, int>, std::uint64_t> requests_;
  std::map<RequestLabels, std::int64_t> watches_;
  std::array<std::uint64_t, kBounds.size()> commits_within_{};
  std::uint64_t commits_ = 0;
  double commit_seconds_ = 0;
};

}  // namespace podwire::server
