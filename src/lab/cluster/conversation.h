#pragma once
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <list>

#include "http/signal.h"
#include "lab/cluster/cluster.h"

namespace podwire::lab {

/// All conversations with the clients of one lab's control socket. On the io_context's one thread.
///
/// A client sends one JSON object a line, {"do": VERB, ...}, and is answered by lines; the last one of a
/// request has "ok" or "error" (with "object", "errno" and "advice", as Error has them):
///   status                       → {"ok": true, "status": {...}}
///   add, remove, start, stop, restart {"node": NAME}   → {"ok": true, "node": NAME}
///   wait {"nodes": [NAMES]}      → {"node", "state", "trouble"} at each change, until all are Ready; no
///   list: all nodes down                         → the lab is taken down, and then the keeper ends
class Conversations {
 public:
  /// `taken_down` is called once the answer to `down` is sent.
  Conversations(Cluster& cluster, std::function<Result<>()> take_down, std::function<void()> end);

  /// Until the client goes.
  http::Task<void> talk(boost::asio::local::stream_protocol::socket client);
  /// Something that waiting clients may want to hear of has happened.
  void changed();
  [[nodiscard]] bool kept() const { return kept_; }
  [[nodiscard]] std::size_t clients() const { return clients_; }

 private:
  struct Client;
  http::Task<void> answer(Client& client, const boost::json::object& request);
  http::Task<void> wait_for_nodes(Client& client, const boost::json::object& request);
  http::Task<Result<>> change_node(const std::string& verb, std::string& node);

  Cluster& cluster_;
  std::function<Result<>()> take_down_;
  std::function<void()> end_;
  std::list<http::Signal*> waiting_;
  std::size_t clients_ = 0;
  bool kept_ = false;
};

/// The last line of a refused request.
[[nodiscard]] std::string refusal_line(const Error& error);

}  // namespace podwire::lab
