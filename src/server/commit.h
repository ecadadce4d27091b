#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "server/store/store.h"

namespace podwire::server {

template <class T>
using Task = boost::asio::awaitable<T>;

/// Store::commit for coroutines: goes on when the writes are durable, or refused.
inline Task<kube::Answer<std::vector<ObjectPtr>>> commit(Store& store, std::vector<Write> writes) {
  using Outcome = kube::Answer<std::vector<ObjectPtr>>;
  auto outcome = std::make_shared<Outcome>();
  const auto start = [&store](auto handler, std::vector<Write> all, const std::shared_ptr<Outcome>& out) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));  // std::function wants copies
    store.commit(std::move(all), [shared, out](Outcome o) {
      *out = std::move(o);
      std::move (*shared)();
    });
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
      start, boost::asio::use_awaitable, std::move(writes), outcome);
  co_return std::move(*outcome);
}

}  // namespace podwire::server
