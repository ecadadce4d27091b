#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace podwire::control {

class Caches;

/// A write of ours that is to be seen: a revision of the resource, or, where `revision` is 0, that the object
/// with this uid is gone or about to go.
struct Expected {
  std::string resource;
  std::uint64_t revision = 0;
  std::string namespace_, name, uid;
};

/// Tells when our own writes have come round through the watches. A controller that decided before would
/// decide from a past in which it had done nothing yet, and do it twice. What was expected is told however
/// late it comes: nothing is given up after a time, since a watch that is broken heals by listing anew.
class Sightings {
 public:
  /// Made before the caches run.
  explicit Sightings(Caches& caches);

  [[nodiscard]] bool seen(const Expected& what) const;
  /// Calls once, when all of it is seen; at once where it is. Resources without a watch count as seen.
  void when_seen(const std::vector<Expected>& all, std::function<void()> then);

 private:
  struct Wait {
    std::size_t left = 0;
    std::function<void()> then;
  };
  void one_less(Wait& wait);
  void progress(const std::string& resource, std::uint64_t seen);
  void gone(const std::string& uid);

  Caches& caches_;
  struct Revisions {
    std::multimap<std::uint64_t, std::shared_ptr<Wait>> waits;
    std::uint64_t newest = 0;
  };
  std::map<std::string, Revisions> revisions_;                             // by resource
  std::unordered_multimap<std::string, std::shared_ptr<Wait>> deletions_;  // by uid
};

}  // namespace podwire::control
