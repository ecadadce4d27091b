#include "client/tasks.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <list>
#include <vector>

#include "base/log.h"

namespace podwire::client {

namespace asio = boost::asio;

/// Lives as long as the Tasks or the last coroutine.
class Tasks::Core : public std::enable_shared_from_this<Core> {
 public:
  explicit Core(asio::io_context& io) : io_(io), ended_(io, asio::steady_timer::time_point::max()) {}

  void spawn(Task<void> task) {
    if (cancelled_) return;  // what has not begun ends by being destroyed
    const auto signal = std::make_shared<asio::cancellation_signal>();
    const auto place = signals_.insert(signals_.end(), signal);
    asio::co_spawn(io_, std::move(task),
                   asio::bind_cancellation_slot(
                       signal->slot(), [self = shared_from_this(), place](const std::exception_ptr& why) {
                         self->end(place, why);
                       }));
  }

  void cancel() {
    cancelled_ = true;
    // A signal may end its coroutine at once, and a coroutine's end may spawn or cancel: a copy.
    const std::vector<Signal> all(signals_.begin(), signals_.end());
    for (const auto& signal : all) signal->emit(asio::cancellation_type::terminal);
  }

  Task<void> join() {
    const auto self = shared_from_this();
    while (!signals_.empty()) {
      boost::system::error_code woken;
      co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
  }

  [[nodiscard]] std::size_t running() const { return signals_.size(); }

 private:
  using Signal = std::shared_ptr<asio::cancellation_signal>;

  void end(std::list<Signal>::iterator place, const std::exception_ptr& why) {
    signals_.erase(place);
    if (signals_.empty()) ended_.cancel();
    if (!why) return;
    try {
      std::rethrow_exception(why);
    } catch (const boost::system::system_error& e) {
      if (cancelled_ && e.code() == asio::error::operation_aborted) return;
      die(e.what());
    } catch (const std::exception& e) {
      die(e.what());
    } catch (...) {
      die("an unknown exception");
    }
  }

  [[noreturn]] static void die(const char* what) {
    log::error("a task ended with an exception, which is a bug", {{"exception", what}});
    std::terminate();
  }

  asio::io_context& io_;
  asio::steady_timer ended_;
  std::list<Signal> signals_;  ///< one for each coroutine that runs
  bool cancelled_ = false;
};

Tasks::Tasks(asio::io_context& io) : core_(std::make_shared<Core>(io)) {}
Tasks::~Tasks() { core_->cancel(); }
void Tasks::spawn(Task<void> task) { core_->spawn(std::move(task)); }
void Tasks::cancel() { core_->cancel(); }
Task<void> Tasks::join() { return core_->join(); }
std::size_t Tasks::running() const { return core_->running(); }

}  // namespace podwire::client
