#include "http/request_reader.h"

#include <fmt/format.h>

namespace podwire::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr std::size_t kIdle = 4096;  // what an idle connection costs, beside TLS
constexpr std::size_t kBusy = 16 << 10;

void append(beast::flat_buffer& buffer, std::string_view bytes) {
  buffer.commit(asio::buffer_copy(buffer.prepare(bytes.size()), asio::buffer(bytes)));
}

}  // namespace

Task<bool> RequestReader::begin() {
  if (begun()) co_return true;
  const auto piece = co_await stream_.read_some(kIdle);
  if (!piece || piece->empty()) co_return false;
  append(buffer_, *piece);
  co_return true;
}

Task<boost::system::error_code> RequestReader::feed(bool all) {
  parser_->eager(all);
  const auto there = [&] { return all ? parser_->is_done() : parser_->is_header_done(); };
  while (!there()) {
    boost::system::error_code error;
    if (buffer_.size() > 0) {
      const auto used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      if (!all) header_size_ += used;
      if (error && error != beast::http::error::need_more) co_return error;
      if (!error && used > 0) continue;
    }
    const auto piece = co_await stream_.read_some(kBusy);
    if (!piece) co_return beast::http::make_error_code(beast::http::error::end_of_stream);
    if (piece->empty()) co_return beast::http::make_error_code(beast::http::error::partial_message);
    append(buffer_, *piece);
  }
  co_return boost::system::error_code();
}

Refusal RequestReader::refusal(const boost::system::error_code& error) const {
  if (error == beast::http::error::end_of_stream) return {};
  if (error == beast::http::error::partial_message) return {400, "the request ended before it was whole"};
  if (error == beast::http::error::header_limit) return {431, "the request's header is too large"};
  if (error == beast::http::error::body_limit)
    return {413, fmt::format("the request's body is larger than {} bytes", limits_.body_bytes)};
  return {400, fmt::format("the request is no HTTP/1.1: {}", error.message())};
}

Task<std::expected<void, Refusal>> RequestReader::header() {
  parser_.emplace();
  parser_->header_limit(limits_.header_bytes);
  parser_->body_limit(limits_.body_bytes);
  header_size_ = 0;
  auto error = co_await feed(false);
  // The parser looks at its limit only when it has to wait for more.
  if (!error && header_size_ > limits_.header_bytes)
    error = beast::http::make_error_code(beast::http::error::header_limit);
  if (error) co_return std::unexpected(refusal(error));
  const auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  // Now and not later: a chunked body's trailer could add fields, which nobody has checked.
  headers_.clear();
  for (const auto& field : message)
    headers_.emplace_back(std::string(field.name_string()), std::string(field.value()));
  // Where it ends, whoever stands before us may see otherwise (RFC 9112, 6.1).
  if (message.count(beast::http::field::transfer_encoding) > 0 && !parser_->chunked())
    co_return std::unexpected(Refusal{501, "of transfer encodings only chunked is known"});
  co_return std::expected<void, Refusal>();
}

bool RequestReader::expects_continue() const {
  return same_name(find_header(headers_, "Expect"), "100-continue");
}

Task<std::expected<Request, Refusal>> RequestReader::body() {
  const auto error = co_await feed(true);
  if (error) co_return std::unexpected(refusal(error));
  auto message = parser_->release();
  parser_.reset();
  const auto text = message.target();
  auto target = parse_target(std::string_view(text.data(), text.size()));
  if (!target) co_return std::unexpected(Refusal{400, target.error().message()});
  Request out{.method = std::string(message.method_string()),
              .target = std::move(*target),
              .headers = std::move(headers_),
              .body = std::move(message.body())};
  co_return out;
}

std::string RequestReader::take_rest() {
  const auto data = buffer_.data();
  std::string out(static_cast<const char*>(data.data()), data.size());
  buffer_.clear();
  return out;
}

}  // namespace podwire::http
