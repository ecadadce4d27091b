#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>

#include "http/server.h"

namespace podwire::kubelet {

using http::Task;

/// A few threads for work that blocks: starting programs, waiting for them, unpacking. Who awaits goes on in
/// his own thread.
class Blocking {
 public:
  explicit Blocking(std::size_t threads) : pool_(threads) {}

  /// `work` runs on one of the threads. When the one who awaits is cancelled, it is still run to its end
  /// first: what it refers to must live as long as the coroutine that awaits.
  template <class F>
  Task<std::invoke_result_t<F>> run(F work) {
    using R = std::invoke_result_t<F>;
    auto body = [](F task) -> Task<R> { co_return task(); };
    co_return co_await boost::asio::co_spawn(pool_, body(std::move(work)), boost::asio::use_awaitable);
  }

 private:
  boost::asio::thread_pool pool_;
};

}  // namespace podwire::kubelet
