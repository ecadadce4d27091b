#pragma once
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <unordered_map>

#include "client/api.h"
#include "client/work_signal.h"
#include "control/action.h"

namespace podwire::control {

/// Writes Records as core/v1 Events. What is told again within ten minutes counts up the Event that is there.
/// About one object a component is heard 25 times at once, then every five minutes. Holds what it told last,
/// of at most kRemembered; what cannot be written, or comes faster than it can be, is lost: nobody waits for
/// an Event.
class Recorder {
 public:
  static constexpr std::size_t kRemembered = 4096;
  static constexpr std::size_t kQueued = 2000;

  Recorder(boost::asio::io_context& io, client::Api api, std::function<kube::Time()> now);

  void tell(const std::string& component, Record record);
  /// Writes until it is cancelled.
  http::Task<void> run();

 private:
  struct Told {
    std::string component;
    Record record;
    std::string name;  ///< of the Event, once it is there
    int count = 0;     ///< as it was written last
    int waiting = 0;   ///< told since
    kube::Time first, last;
  };
  struct Bucket {
    double left = 0;
    kube::Time since;
  };
  using Order = std::list<std::string>;

  bool is_too_much(const std::string& component, const Record& record);
  http::Task<void> write(const std::string& key);
  http::Task<bool> count_up(Told told);
  [[nodiscard]] json::object event_of(const Told& told);
  void forget_oldest();

  client::Api api_;
  std::function<kube::Time()> now_;
  client::WorkSignal signal_;
  std::unordered_map<std::string, std::pair<Told, Order::iterator>> told_;
  Order order_;  // oldest first
  std::unordered_map<std::string, Bucket> buckets_;
  std::deque<std::string> queue_;
  std::int64_t last_stamp_ = 0;
};

}  // namespace podwire::control
