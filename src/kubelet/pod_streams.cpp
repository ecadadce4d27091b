#include "kubelet/pod_streams.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "kernel/netns/netns.h"
#include "kubelet/exec_process.h"

namespace podwire::kubelet {
namespace {

using streaming::Answer;
using State = ContainerSeen::State;

std::unexpected<kube::Status> refuse(int code, std::string message) {
  const char* reason = code == 404 ? "NotFound" : code == 400 ? "BadRequest" : "InternalError";
  return std::unexpected(kube::Status{.code = code, .reason = reason, .message = std::move(message)});
}

/// Connects on the loopback of the namespace that the calling thread is in.
Result<UniqueFd> connect_here(std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
  int err = 0;
  const auto attempt = [&](int family, const void* address, socklen_t size) {
    UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd && ::connect(fd.raw(), static_cast<const sockaddr*>(address), size) == 0) return fd;
    if (err == 0) err = errno;
    return UniqueFd();
  };
  auto fd = attempt(AF_INET, &v4, sizeof v4);
  if (!fd) fd = attempt(AF_INET6, &v6, sizeof v6);
  if (!fd) return fail("connect to", fmt::format("localhost:{}", port), err);
  ::fcntl(fd.raw(), F_SETFL, O_NONBLOCK);
  return fd;
}

Result<UniqueFd> connect_in(const std::string& netns, std::uint16_t port) {
  if (netns.empty()) return connect_here(port);
  const auto there = TRY(kernel::NetNs::open(netns));
  const auto entered = TRY(there.enter());
  return connect_here(port);
}

}  // namespace

Answer<std::shared_ptr<PodWorker>> PodStreams::find(const streaming::ContainerRef& ref) const {
  auto worker = find_(ref.ns, ref.pod, ref.uid);
  if (worker == nullptr) return refuse(404, fmt::format("pod \"{}\" does not exist", ref.pod));
  return worker;
}

Answer<streaming::LogFile> PodStreams::log_of(const streaming::ContainerRef& container, bool previous) {
  const auto worker = TRY(find(container));
  const auto& name = container.container;
  if (find_container(worker->pod().spec, name) == nullptr)
    return refuse(404, fmt::format("container \"{}\" not found in pod \"{}\"", name, container.pod));
  const auto* run = latest(worker->seen(), name);
  const ContainerFiles* found = nullptr;
  for (const auto& files : worker->files())
    if (run != nullptr && files.record.name == name &&
        (previous ? files.record.attempt < run->attempt : files.record.attempt == run->attempt))
      found = &files;
  if (found == nullptr && previous)
    return refuse(400, fmt::format("previous terminated container \"{}\" in pod \"{}\" not found", name,
                                   container.pod));
  if (found == nullptr) {
    const auto waits = worker->seen().waiting.find(name);
    return refuse(
        400, fmt::format("container \"{}\" in pod \"{}\" is waiting to start: {}", name, container.pod,
                         waits != worker->seen().waiting.end() ? waits->second.reason : "ContainerCreating"));
  }
  auto is_written = [weak = std::weak_ptr(worker), id = found->record.id] {
    const auto alive = weak.lock();
    if (alive == nullptr) return false;
    for (const auto& r : alive->seen().runs)
      if (r.id == id) return r.state != State::exited;
    return false;
  };
  return streaming::LogFile{.path = found->record.log, .is_written = std::move(is_written)};
}

Task<Answer<std::unique_ptr<streaming::RunningProcess>>> PodStreams::exec(
    const streaming::ContainerRef& container, streaming::ExecOptions options) {
  auto worker = find(container);
  if (!worker) co_return std::unexpected(worker.error());
  const auto* run = latest((*worker)->seen(), container.container);
  if (run == nullptr || run->state != State::running)
    co_return refuse(500, fmt::format("container \"{}\" not found in pod \"{}_{}\"", container.container,
                                      container.pod, container.ns));
  auto begin = [runc = node_.places.runc, id = run->id, options = std::move(options)] {
    return start_exec(runc, id, options);
  };
  auto started = co_await node_.blocking.run(std::move(begin));
  if (!started) co_return refuse(500, started.error().message());
  co_return std::move(*started);
}

Task<Answer<std::unique_ptr<streaming::RunningProcess>>> PodStreams::attach(
    const streaming::ContainerRef& container, streaming::ExecOptions /*options*/) {
  auto worker = find(container);
  if (!worker) co_return std::unexpected(worker.error());
  co_return refuse(
      400, fmt::format("podwire does not attach to containers: their output is in kubectl logs -f {}, and "
                       "kubectl exec -it {} -- sh starts another process",
                       container.pod, container.pod));
}

Task<Answer<UniqueFd>> PodStreams::connect(const streaming::ContainerRef& pod, std::uint16_t port) {
  auto worker = find(pod);
  if (!worker) co_return std::unexpected(worker.error());
  const auto& sandbox = (*worker)->sandbox();
  if (!sandbox || !(*worker)->seen().attached)
    co_return refuse(500, fmt::format("pod \"{}\" has no network", pod.pod));
  auto begin = [netns = sandbox->netns, port] { return connect_in(netns, port); };
  auto connected = co_await node_.blocking.run(std::move(begin));
  if (!connected) co_return refuse(500, connected.error().message());
  co_return std::move(*connected);
}

}  // namespace podwire::kubelet
