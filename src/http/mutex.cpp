#include "http/mutex.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace podwire::http {

Task<Mutex::Hold> Mutex::hold() {
  while (held_) {
    [[maybe_unused]] const auto [error] =
        co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  held_ = true;
  co_return Hold(*this);
}

}  // namespace podwire::http
