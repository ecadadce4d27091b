#include "http/local_exchange.h"

#include <exception>

namespace podwire::http {

LocalExchange::LocalExchange(boost::asio::io_context& io, Request request, std::size_t buffer)
    : request_(std::move(request)),
      buffer_(buffer),
      handler_signal_(io.get_executor()),
      room_(io.get_executor()),
      reader_signal_(io.get_executor()) {}

Task<void> LocalExchange::run(const Handler& handler, const Complain& complain) {
  std::string why = "the request was not answered";
  try {
    co_await handler(request_, *this);
  } catch (const std::exception& e) {
    why = e.what();
  }
  if (!answered_) refuse(500, complain(500, why));
  done_ = true;
  reader_signal_.wake();
}

void LocalExchange::refuse(int status, std::string body) {
  answer(status, {{"Content-Type", "application/json"}});
  if (request_.method != "HEAD") answer_.body = std::move(body);
}

void LocalExchange::answer(int status, Headers headers) {
  answered_ = true;
  answer_.status = status;
  answer_.headers = std::move(headers);
  reader_signal_.wake();
}

Task<bool> LocalExchange::send(int status, Headers headers, std::string body) {
  headers.emplace_back("Content-Length", std::to_string(body.size()));
  answer(status, std::move(headers));
  if (request_.method != "HEAD") answer_.body = std::move(body);
  co_return !left_;
}

Task<bool> LocalExchange::begin(int status, Headers headers) {
  streaming_ = true;
  answer(status, std::move(headers));
  co_return !left_;
}

Task<bool> LocalExchange::write(std::string piece) {
  while (!gone() && answer_.body.size() >= buffer_) co_await room_.wait();
  if (left_ || answer_.body.size() >= buffer_) co_return false;
  if (request_.method != "HEAD") answer_.body += piece;
  reader_signal_.wake();
  co_return true;
}

Task<bool> LocalExchange::end() {
  streaming_ = false;
  reader_signal_.wake();
  co_return !left_;
}

Task<void> LocalExchange::wait(std::chrono::milliseconds at_most) {
  if (!gone()) co_await handler_signal_.wait(after(at_most));
}

Task<Result<>> LocalExchange::answered() {
  while (!answered_) {
    co_await reader_signal_.wait();
    const bool told_to_end = co_await cancelled();
    if (told_to_end) co_return fail("call", name(), ECANCELED);
  }
  co_return Result<>();
}

Task<Result<std::string>> LocalExchange::read(Clock::time_point until) {
  while (answer_.body.empty()) {
    if (!streaming_) co_return std::string();
    if (done_) co_return fail("read answer", name(), 0, "it was cut off");
    if (stopping_) co_return fail("read answer", name(), 0, "it was cut off: the server stops");
    if (Clock::now() >= until) co_return fail("read answer", name(), ETIMEDOUT);
    co_await reader_signal_.wait(until);
    const bool told_to_end = co_await cancelled();
    if (told_to_end) co_return fail("read answer", name(), ECANCELED);
  }
  room_.wake();
  co_return std::exchange(answer_.body, std::string());
}

void LocalExchange::leave() {
  left_ = true;
  room_.wake();
  handler_signal_.wake();
}

void LocalExchange::stop() {
  stopping_ = true;
  room_.wake();
  handler_signal_.wake();
  reader_signal_.wake();
}

}  // namespace podwire::http
