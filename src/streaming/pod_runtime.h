#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "http/message.h"
#include "kube/status.h"

namespace podwire::streaming {

using http::Task;
using kube::Answer;

/// A container of a pod on this node.
struct ContainerRef {
  std::string ns, pod;
  std::string uid;  ///< of the pod; empty: whichever has that name
  std::string container;
};

/// Where a container's output is. Written in the format of oci/container_log.h; a file that is full is moved
/// aside as PATH.SUFFIX, whose suffixes sort by time ("20261123-070000"), and written anew.
struct LogFile {
  std::string path;
  /// Whether something may still be written to it: the container runs. Asked now and then while somebody
  /// follows, for as long as he does; never after stop() of the StreamingServer.
  std::function<bool()> is_written;
};

/// How one more process of a container is started.
struct ExecOptions {
  std::vector<std::string> command;  ///< never empty
  bool in = false, out = false, err = false;
  bool terminal = false;  ///< then there is no `err` of its own
};

/// A process that somebody talks to: one that exec started, or a container's own (attach).
class RunningProcess {
 public:
  /// Our ends. Pipes, sockets or a terminal's master, all non-blocking; those that were not asked for are
  /// empty. With a terminal `in` and `out` are two descriptors of its master. Who talks takes them, and
  /// closes `in` when there is no more input.
  struct Streams {
    UniqueFd in, out, err;
  };

  /// What exec started is killed if it still runs; a container's own process goes on.
  virtual ~RunningProcess() = default;
  virtual Streams take_streams() = 0;
  /// Of its terminal; nothing where there is none.
  virtual void resize(std::uint16_t columns, std::uint16_t rows) = 0;
  /// Its end: the exit status, 128 + number for a signal; for attach the container's. Errors: it could not
  /// be learnt. May be abandoned by Asio's cancellation.
  virtual Task<Result<int>> wait() = 0;
};

/// What runs the pods of a node, as seen by who serves `kubectl logs`, `exec`, `attach` and `port-forward`.
/// On the node's one thread. A refusal is a Status whose message is worded as the kubelet's, which users
/// know:
///   404 pod "web" does not exist
///   404 container "c" not found in pod "web"
///   400 container "c" in pod "web" is waiting to start: ContainerCreating
///   400 previous terminated container "c" in pod "web" not found
///   500 container "c" not found in pod "web_default"    (exec or attach of what does not run)
/// What it hands out may outlive the container, but not the runtime.
class PodRuntime {
 public:
  virtual ~PodRuntime() = default;

  /// The log of the present container, or of the one before it. Also of one that has ended.
  virtual Answer<LogFile> log_of(const ContainerRef& container, bool previous) = 0;
  /// A program that cannot be started is a refusal too, 500 with the sentence of the runtime.
  virtual Task<Answer<std::unique_ptr<RunningProcess>>> exec(const ContainerRef& container,
                                                             ExecOptions options) = 0;
  /// The container's own streams; `options.command` is not used. `in` where the container has no stdin (spec
  /// .stdin), or a terminal where it has none: 400.
  virtual Task<Answer<std::unique_ptr<RunningProcess>>> attach(const ContainerRef& container,
                                                               ExecOptions options) = 0;
  /// A connected, non-blocking TCP socket to that port of localhost as the pod has it (127.0.0.1, else ::1).
  /// Refusals: no such pod (404), or nobody listens (500).
  virtual Task<Answer<UniqueFd>> connect(const ContainerRef& pod, std::uint16_t port) = 0;
};

}  // namespace podwire::streaming
