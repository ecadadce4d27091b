#pragma once
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "apply/network_contradiction.h"
#include "apply/network_steps.h"
#include "kernel/rtnl/rtnl.h"

namespace podwire::apply {

/// Holds one namespace to a state::Network. The first call reads what is there, also from an earlier agent:
/// what is right stays untouched, and packets go on. After that a call costs the difference to the last one.
/// Not thread-safe.
class NetworkApplier {
 public:
  explicit NetworkApplier(kernel::Rtnl& rtnl) : rtnl_(rtnl) {}

  /// A step that fails does not keep others from being done; all failures come as one error, and the next
  /// call reads what is there again. Returns the number of steps.
  Result<std::size_t> apply(const state::Network& wanted);
  /// Somebody else has changed something: the next apply() reads first.
  void distrust() { known_.reset(); }
  /// Whether an event says that the kernel holds something else than the last apply() brought it to. What we
  /// have changed ourselves does not.
  [[nodiscard]] bool contradicted_by(const kernel::RtnlEvent& event) const {
    if (!known_) return std::holds_alternative<state::Link>(event.object);  // it may work now
    return contradicts(*known_, links_, event);
  }

 private:
  Result<> perform(const NetworkStep& step);
  Result<> perform_one(const MakeTunnel& step);
  Result<> perform_one(const ChangeTunnel& step);
  Result<> perform_one(const DropTunnel& step);
  template <class T>
  Result<> perform_one(const Set<T>& step);
  template <class T>
  Result<> perform_one(const Drop<T>& step);

  Result<> set(const state::Neighbour& neighbour) { return rtnl_.set_neighbour(neighbour); }
  Result<> set(const state::FdbEntry& entry) { return rtnl_.set_fdb(entry); }
  Result<> set(const state::Route& route) { return rtnl_.add_route(route, kernel::Existing::replace); }
  Result<> drop(const state::Neighbour& neighbour) { return rtnl_.delete_neighbour(neighbour); }
  Result<> drop(const state::FdbEntry& entry) { return rtnl_.delete_fdb(entry); }
  Result<> drop(const state::Route& route) { return rtnl_.delete_route(route); }

  Result<int> index_of(const std::string& link);
  /// The object with its link's index.
  template <class T>
  Result<T> placed(const state::OnLink<T>& item);
  Result<> bring_up(int index, const state::Tunnel& tunnel);

  Result<> note_links(const state::Network& of);

  kernel::Rtnl& rtnl_;
  std::optional<state::Network> known_;
  std::map<std::string, int> indices_;  ///< during one apply()
  LinkNames links_;                     ///< those that known_ is about
};

}  // namespace podwire::apply
