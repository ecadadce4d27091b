#include <boost/asio/this_coro.hpp>

#include "streaming/port_forward.h"

namespace podwire::streaming {
namespace {

constexpr std::size_t kPiece = 16 << 10;

std::string on(std::size_t channel, std::string_view payload) {
  std::string out(1, static_cast<char>(channel));
  out += payload;
  return out;
}

std::string beginning(std::size_t channel, std::uint16_t port) {
  return on(channel, std::string{static_cast<char>(port & 0xffU), static_cast<char>(port >> 8U)});
}

/// From one port of the pod to its channel, until the pod ends it.
Task<void> bring(http::WebSocket& socket, std::shared_ptr<FdStream> from, std::size_t channel,
                 http::Crew& all) {
  for (;;) {
    auto piece = co_await from->read_some(kPiece);
    if (!piece || piece->empty()) break;
    const bool sent = co_await socket.write(on(channel, *piece));
    if (!sent) break;
  }
  // Channels cannot be ended one by one: the last one takes the connection along.
  if (all.working() == 1) co_await socket.close(http::CloseCode::normal);
}

}  // namespace

Task<void> forward_channels(http::WebSocket& socket, PodRuntime& runtime, ContainerRef pod,
                            std::vector<std::uint16_t> ports) {
  const auto executor = co_await boost::asio::this_coro::executor;
  http::Crew crew(executor);
  std::vector<std::shared_ptr<FdStream>> streams;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    co_await socket.write(beginning(2 * i, ports[i]));
    co_await socket.write(beginning(2 * i + 1, ports[i]));
  }
  for (std::size_t i = 0; i < ports.size(); ++i) {
    auto connected = co_await runtime.connect(pod, ports[i]);
    if (connected) {
      streams.push_back(std::make_shared<FdStream>(executor, std::move(*connected)));
      crew.start(bring(socket, streams.back(), 2 * i, crew));
    } else {
      streams.push_back(nullptr);
      co_await socket.write(on(2 * i + 1, forward_failure(ports[i], pod, connected.error().message)));
    }
  }
  if (crew.working() == 0) co_await socket.close(http::CloseCode::normal);
  for (;;) {
    auto message = co_await socket.read();
    if (!message) break;
    const std::size_t channel = message->empty() ? 1 : static_cast<std::uint8_t>(message->front());
    if (channel % 2 != 0 || channel / 2 >= streams.size() || !streams[channel / 2]) continue;
    const auto stream = streams[channel / 2];
    const auto written = co_await stream->write_all(message->substr(1));
    if (!written) stream->close();
  }
  for (const auto& stream : streams)
    if (stream) stream->close();
  co_await crew.join();
}

}  // namespace podwire::streaming
