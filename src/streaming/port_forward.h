#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/crew.h"
#include "http/websocket.h"
#include "streaming/fd_stream.h"
#include "streaming/pod_runtime.h"
#include "streaming/spdy_frame.h"

namespace podwire::streaming {

/// `kubectl port-forward`: SPDY/3.1 within the messages of a WebSocket (SPDY/3.1+portforward.k8s.io). For
/// each connection the client opens two streams, one for bytes and one for an error text; any number of
/// connections at a time. What a pod is slow to take is held up to a limit, then all its connections wait.
class SpdyForward {
 public:
  SpdyForward(const boost::asio::any_io_executor& executor, http::WebSocket& socket, PodRuntime& runtime,
              ContainerRef pod)
      : executor_(executor), socket_(socket), runtime_(runtime), pod_(std::move(pod)), crew_(executor) {}

  /// Until the client ends it.
  Task<void> run();

 private:
  struct Connection;
  using Held = std::shared_ptr<Connection>;

  Task<void> take(spdy::Frame frame);
  Task<void> open(const spdy::Frame& frame);
  Task<void> forward(Held connection);
  Task<void> to_pod(Held connection);
  Task<void> from_pod(Held connection);
  Task<bool> put(spdy::Frame frame);
  void drop(Connection& connection);

  const boost::asio::any_io_executor executor_;
  http::WebSocket& socket_;
  PodRuntime& runtime_;
  const ContainerRef pod_;
  spdy::FrameReader reader_;
  spdy::FrameWriter writer_;
  std::map<std::string, Held, std::less<>> by_request_;  ///< whose second stream is not there yet
  std::map<std::uint32_t, Held> by_stream_;              ///< by their data stream
  http::Crew crew_;
};

/// The same over v4 and v5.channel.k8s.io, which other clients speak: the n-th port of the request has
/// channel 2n for bytes and 2n+1 for an error text, each begun by us with the port (two bytes, the lower one
/// first). One connection a port.
Task<void> forward_channels(http::WebSocket& socket, PodRuntime& runtime, ContainerRef pod,
                            std::vector<std::uint16_t> ports);

/// What the user is told when a port cannot be reached.
[[nodiscard]] std::string forward_failure(std::uint16_t port, const ContainerRef& pod, std::string_view why);

}  // namespace podwire::streaming
