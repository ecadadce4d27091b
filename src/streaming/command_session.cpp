#include "streaming/command_session.h"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "kube/json.h"

namespace podwire::streaming {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;

constexpr char kIn = 0, kOut = 1, kErr = 2, kError = 3, kResize = 4, kClose = '\xff';
constexpr std::size_t kPiece = 32 << 10;
constexpr auto kDrain = 5s;    // for output that processes in the background still hold open
constexpr auto kGoodbye = 5s;  // for the client to say goodbye, too

std::string on(char channel, std::string_view payload) {
  std::string out(1, channel);
  out += payload;
  return out;
}

/// Does something when the time is up, unless it is destroyed before.
class After {
 public:
  template <class Act>
  After(const asio::any_io_executor& executor, std::chrono::milliseconds time, Act act)
      : timer_(executor, time) {
    timer_.async_wait([act = std::move(act)](boost::system::error_code stopped) {
      if (!stopped) act();
    });
  }

 private:
  asio::steady_timer timer_;
};

}  // namespace

std::string end_of_command(int exit_status) {
  json::object out{{"metadata", json::object()}, {"status", exit_status == 0 ? "Success" : "Failure"}};
  if (exit_status != 0) {
    const json::object cause{{"reason", "ExitCode"}, {"message", std::to_string(exit_status)}};
    out["message"] = fmt::format("command terminated with non-zero exit code: exit status {}", exit_status);
    out["reason"] = "NonZeroExitCode";
    out["details"] = json::object{{"causes", json::array{json::value(cause)}}};
  }
  return json::serialize(out);
}

std::string end_of_command(const kube::Status& refusal) { return json::serialize(kube::to_json(refusal)); }

CommandSession::Stream CommandSession::stream_of(UniqueFd fd) const {
  return fd ? std::make_shared<FdStream>(executor_, std::move(fd)) : nullptr;
}

Task<void> CommandSession::run(RunningProcess& process) {
  auto streams = process.take_streams();
  in_ = stream_of(std::move(streams.in));
  out_ = stream_of(std::move(streams.out));
  err_ = stream_of(std::move(streams.err));
  // Some clients wait for a first message before they take the connection for one.
  co_await socket_.write(on(out_ ? kOut : err_ ? kErr : kError, ""));
  ears_.start(hear(&process));
  if (out_) pumps_.start(pump(out_, kOut));
  if (err_) pumps_.start(pump(err_, kErr));

  asio::cancellation_signal stop;
  bool waiting = true;
  asio::co_spawn(executor_, await_end(process),
                 asio::bind_cancellation_slot(stop.slot(), [this, &waiting](const std::exception_ptr&) {
                   waiting = false;
                   changed_.wake();
                 }));
  while (waiting && !gone_) co_await changed_.wait();
  if (waiting) stop.emit(asio::cancellation_type::terminal);
  while (waiting) co_await changed_.wait();

  const auto close_all = [this] {
    for (const auto& stream : {in_, out_, err_})
      if (stream) stream->close();
  };
  if (gone_) close_all();
  {
    const After limit(executor_, kDrain, close_all);
    co_await pumps_.join();
  }
  close_all();
  std::string last_words = end_of_command(kube::Status{
      .code = 500, .reason = "InternalError", .message = "it is not known how the command has ended"});
  if (status_ && *status_) last_words = end_of_command(**status_);
  if (status_ && !*status_)
    last_words = end_of_command(kube::internal_error(status_->error().message()).error());
  co_await say_goodbye(std::move(last_words));
}

Task<void> CommandSession::refuse(const kube::Status& why) {
  auto last_words = end_of_command(why);
  ears_.start(hear(nullptr));
  co_await say_goodbye(std::move(last_words));
}

Task<void> CommandSession::await_end(RunningProcess& process) {
  auto status = co_await process.wait();
  status_ = std::move(status);
}

Task<void> CommandSession::say_goodbye(std::string last_words) {
  co_await socket_.write(on(kError, last_words));
  co_await socket_.close(http::CloseCode::normal);
  // A connection that is closed over what the client still sends would take our last words with it.
  const After limit(executor_, kGoodbye, [this] { socket_.cut(); });
  co_await ears_.join();
}

Task<void> CommandSession::hear(RunningProcess* process) {
  for (;;) {
    auto message = co_await socket_.read();
    if (!message) break;
    if (process != nullptr && !status_) co_await take(std::move(*message), *process);
  }
  gone_ = true;
  if (in_) in_->close();
  changed_.wake();
}

Task<void> CommandSession::take(std::string message, RunningProcess& process) {
  if (message.empty()) co_return;
  if (message[0] == kIn && in_ && message.size() > 1) {
    const auto in = in_;
    // A process that has closed its input misses nothing.
    [[maybe_unused]] const auto written = co_await in->write_all(message.substr(1));
  } else if (message[0] == kClose && message.size() == 2 && message[1] == kIn && in_) {
    in_->close();
  } else if (message[0] == kResize) {
    boost::system::error_code broken;
    const auto said = json::parse(std::string_view(message).substr(1), broken);
    const auto* size = broken ? nullptr : said.if_object();
    if (size == nullptr) co_return;
    const auto* width = kube::in(*size, "Width");
    const auto* height = kube::in(*size, "Height");
    if (width == nullptr || height == nullptr) co_return;
    boost::system::error_code no_width, no_height;
    const auto columns = width->to_number<std::uint16_t>(no_width);
    const auto rows = height->to_number<std::uint16_t>(no_height);
    if (!no_width && !no_height) process.resize(columns, rows);
  }
}

Task<void> CommandSession::pump(Stream from, char channel) {
  for (;;) {
    auto piece = co_await from->read_some(kPiece);
    if (!piece || piece->empty()) break;
    const bool sent = co_await socket_.write(on(channel, *piece));
    if (!sent) break;
  }
  from->close();
}

}  // namespace podwire::streaming
