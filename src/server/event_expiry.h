#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "server/store/store.h"

namespace podwire::server {

/// Events are told for a while and then forgotten: each so long after it was written last, and the oldest of
/// a namespace sooner where there are too many, so that no storm of them can fill the memory. Follows the
/// store; what an event costs here does not depend on how many there are. On the store's thread; destroyed
/// before the store.
class EventExpiry {
 public:
  struct Limits {
    std::chrono::seconds keep = std::chrono::hours(1);  ///< --event-ttl
    std::size_t most = 5'000;                           ///< in one namespace
    std::size_t at_once = 500;                          ///< removed in one commit
  };
  using Now = std::function<std::chrono::sys_seconds()>;

  EventExpiry(Store& store, Now now, Limits limits);

  /// Removes what is due, in a commit that this does not wait for; the rest is for the next time. To be
  /// called every second or so.
  void sweep();

  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  using Name = std::pair<std::string, std::string>;  // (ns, name)
  /// The order in which Events go.
  using Due = std::tuple<std::chrono::sys_seconds, std::uint64_t>;  // when it is due, its revision

  void drain();
  void put(const Object& object, std::chrono::sys_seconds written);
  void erase(const Name& name);
  [[nodiscard]] std::vector<Write> due_now() const;

  Store& store_;
  Now now_;
  Limits limits_;
  std::unique_ptr<Watch> watch_;
  std::map<Name, Due> all_;
  std::map<Due, Name> order_;
  std::map<std::string, std::set<Due>> of_namespace_;
  std::set<std::string> crowded_;  // namespaces that have too many
  bool sweeping_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace podwire::server
