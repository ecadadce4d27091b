#pragma once
#include <memory>

#include "http/crew.h"
#include "http/websocket.h"
#include "streaming/fd_stream.h"
#include "streaming/pod_runtime.h"

namespace podwire::streaming {

/// What is said on the error channel at the end: success, or the exit status as a cause.
[[nodiscard]] std::string end_of_command(int exit_status);
[[nodiscard]] std::string end_of_command(const kube::Status& refusal);

/// `kubectl exec` and `attach` over a WebSocket, protocols v4 and v5.channel.k8s.io: each message begins with
/// its channel's number.
class CommandSession {
 public:
  CommandSession(const boost::asio::any_io_executor& executor, http::WebSocket& socket)
      : executor_(executor), socket_(socket), pumps_(executor), ears_(executor), changed_(executor) {}

  /// Until the process has ended and the client knows how, or the client is gone: then the process is left
  /// to its destructor.
  Task<void> run(RunningProcess& process);
  /// Instead of run(): there is no process.
  Task<void> refuse(const kube::Status& why);

 private:
  using Stream = std::shared_ptr<FdStream>;

  Stream stream_of(UniqueFd fd) const;
  Task<void> hear(RunningProcess* process);
  Task<void> take(std::string message, RunningProcess& process);
  Task<void> pump(Stream from, char channel);
  Task<void> await_end(RunningProcess& process);
  Task<void> say_goodbye(std::string last_words);

  const boost::asio::any_io_executor executor_;
  http::WebSocket& socket_;
  http::Crew pumps_, ears_;
  http::Signal changed_;
  Stream in_, out_, err_;
  std::optional<Result<int>> status_;
  bool gone_ = false;  ///< the client
};

}  // namespace podwire::streaming
