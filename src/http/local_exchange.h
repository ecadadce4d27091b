#pragma once
#include <optional>

#include "http/client.h"
#include "http/signal.h"

namespace podwire::http {

/// One request and its answer, which a handler writes and a caller reads, both on one thread.
class LocalExchange final : public Responder {
 public:
  LocalExchange(boost::asio::io_context& io, Request request, std::size_t buffer);

  /// The handler's side. Until it has answered.
  Task<void> run(const Handler& handler, const Complain& complain);
  /// ... without a handler.
  void refuse(int status, std::string body);
  Task<bool> send(int status, Headers headers, std::string body) override;
  Task<bool> begin(int status, Headers headers) override;
  Task<bool> write(std::string piece) override;
  Task<bool> end() override;
  Task<void> wait(std::chrono::milliseconds at_most) override;
  void wake() override { handler_signal_.wake(); }
  [[nodiscard]] bool gone() const override { return left_ || stopping_; }

  /// The caller's side. Waits for the status and headers; an error: there will be none.
  Task<Result<>> answered();
  [[nodiscard]] int status() const { return answer_.status; }
  [[nodiscard]] const Headers& headers() const { return answer_.headers; }
  /// As Incoming::read().
  Task<Result<std::string>> read(Clock::time_point until);
  /// The caller reads no more.
  void leave();

  void stop();

 private:
  void answer(int status, Headers headers);
  [[nodiscard]] std::string name() const { return request_.method + " " + request_.target.path(); }

  const Request request_;
  const std::size_t buffer_;
  Reply answer_;  ///< its body: what is not read yet
  Signal handler_signal_, room_, reader_signal_;
  bool answered_ = false;   ///< there is a status
  bool streaming_ = false;  ///< ... but not yet the end
  bool done_ = false;       ///< nothing more will be written
  bool left_ = false, stopping_ = false;
};

}  // namespace podwire::http
