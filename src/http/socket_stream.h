#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "http/duplex.h"

namespace podwire::http {

/// An Error from one of Asio's.
[[nodiscard]] std::unexpected<Error> failed(std::string_view verb, std::string_view object,
                                            const boost::system::error_code& error);

/// A TCP socket, with or without TLS around it, as a Duplex (or what is derived from it).
template <class Stream, class Interface>
class SocketStream : public Interface {
 public:
  template <class... Arguments>
  explicit SocketStream(Arguments&&... arguments) : stream_(std::forward<Arguments>(arguments)...) {
    boost::system::error_code ignored;
    socket().set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  }

  /// An end without TLS's goodbye is an end: HTTP knows by itself whether something is missing.
  Task<Result<std::string>> read_some(std::size_t at_most) override {
    std::string out(at_most, '\0');
    const auto [error, size] = co_await stream_.async_read_some(boost::asio::buffer(out), kTuple);
    if (error == boost::asio::error::eof || error == boost::asio::ssl::error::stream_truncated)
      co_return std::string();
    if (error) co_return failed("read", "", error);
    out.resize(size);
    co_return out;
  }

  Task<Result<>> write_all(std::string bytes) override {
    const auto [error, size] = co_await boost::asio::async_write(stream_, boost::asio::buffer(bytes), kTuple);
    if (error) co_return failed("write", "", error);
    co_return Result<>();
  }

  void close() override {
    boost::system::error_code ignored;
    socket().shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
    socket().close(ignored);
  }

  /// The socket below all layers.
  boost::asio::ip::tcp::socket::lowest_layer_type& socket() { return stream_.lowest_layer(); }
  Stream& layer() { return stream_; }

 protected:
  static constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

 private:
  Stream stream_;
};

}  // namespace podwire::http
