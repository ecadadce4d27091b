// What a client sends over one connection, behind a byte that says in what pieces it comes. The answers do
// not depend on the pieces. What is a request's target stays one when it is written again.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/connection.h"

using namespace podwire;
using namespace podwire::http;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

/// A client that sends all it has, and then its end.
class Memory final : public Transport {
 public:
  Memory(std::string_view input, std::size_t piece, std::string& output)
      : input_(input), piece_(piece), output_(output) {}

  Task<Result<Peer>> open() override { co_return Peer(); }
  Task<Result<std::string>> read_some(std::size_t at_most) override {
    if (closed_) co_return fail("read", "", EBADF);
    std::string out(input_.substr(0, std::min(at_most, piece_)));
    input_.remove_prefix(out.size());
    co_return out;
  }
  Task<Result<>> write_all(std::string bytes) override {
    if (closed_ || finished_) co_return fail("write", "", EPIPE);
    output_ += bytes;
    co_return Result<>();
  }
  void cancel() override {}
  void finish() override { finished_ = true; }
  void close() override { closed_ = true; }

 private:
  std::string_view input_;
  const std::size_t piece_;
  std::string& output_;
  bool finished_ = false, closed_ = false;
};

Task<void> handle(const Request& request, Responder& out) {
  const auto path = request.target.path();
  if (path == "/upgrade") {
    auto stream = co_await out.upgrade({{"Connection", "Upgrade"}, {"Upgrade", "echo"}});
    for (bool open = stream.has_value(); open;) {
      auto piece = co_await (*stream)->read_some(100);
      open = piece && !piece->empty();
      if (!open) break;
      const auto written = co_await (*stream)->write_all(std::move(*piece));
      open = written.has_value();
    }
  } else if (path == "/stream") {
    co_await out.begin(200, {});
    co_await out.write("piece");
    co_await out.end();
  } else if (path != "/silent") {
    auto body = request.method + " " + path + " " + request.body;
    for (const auto& [name, value] : request.headers) body += name + "=" + value;
    co_await out.send(200, {{"X", path}}, std::move(body));
  }
}

/// What the server writes, but the refusal that may be its last word: which rule was broken first depends on
/// how much was there to be read.
struct Answers {
  std::string text;
  bool refused = false;

  friend bool operator==(const Answers&, const Answers&) = default;
};

Answers answers(std::string_view input, std::size_t piece) {
  static const Limits limits{.header_bytes = 256, .body_bytes = 512};
  static const Handler handler = handle;
  std::string out;
  std::size_t before_refusal = std::string::npos;
  const Complain complain = [&](int, std::string_view why) {
    before_refusal = out.size();
    return std::string(why);
  };
  boost::asio::io_context io(1);
  auto connection = std::make_shared<Connection>(
      io.get_executor(), std::make_unique<Memory>(input, piece, out), limits, handler, complain);
  boost::asio::co_spawn(io, connection->serve(), [](const std::exception_ptr& e) { must(e == nullptr); });
  io.run();
  must(connection->gone() && connection.use_count() == 1);
  must(out.empty() || out.starts_with("HTTP/1.1 "));
  return {out.substr(0, before_refusal), before_refusal != std::string::npos};
}

void escape(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const unsigned char c : text) {
    out += '%';
    out += kDigits[c >> 4];
    out += kDigits[c & 15];
  }
}

void write_again(std::string_view text) {
  const auto target = parse_target(text);
  if (!target) return;
  std::string again;
  for (const auto& segment : target->segments) {
    must(!segment.empty());
    again += '/';
    escape(again, segment);
  }
  if (again.empty()) again = "/";
  char before = '?';
  for (const auto& [name, value] : target->query) {
    again += std::exchange(before, '&');
    escape(again, name);
    again += '=';
    escape(again, value);
  }
  const auto same = parse_target(again);
  must(same && same->segments == target->segments && same->query == target->query);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  write_again(input);
  const auto whole = answers(input, std::string::npos);
  const auto pieces = answers(input, 1 + data[0] % 64);
  // A stream's connection ends as soon as its client does, which may be before what it is told.
  if (input.find("/s") == std::string_view::npos && input.find('%') == std::string_view::npos)
    must(pieces == whole);
  return 0;
}
