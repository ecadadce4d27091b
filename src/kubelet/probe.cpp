#include "kubelet/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "kubelet/exec_process.h"

namespace podwire::kubelet {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

std::unexpected<Error> sentence(std::string text) { return std::unexpected(Error{.verb = std::move(text)}); }

std::string in_url(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

Task<Result<>> connect(tcp::socket& socket, const Probe& probe, const ProbeTarget& target) {
  boost::system::error_code bad;
  const auto& host = probe.host.empty() ? target.address : probe.host;
  const auto address = asio::ip::make_address(host, bad);
  if (bad) co_return sentence(fmt::format("lookup {}: podwire probes addresses, not names", host));
  const tcp::endpoint endpoint(address, target.port);
  const auto [error] = co_await socket.async_connect(endpoint, kTuple);
  if (error)
    co_return sentence(
        fmt::format("dial tcp {}:{}: connect: {}", in_url(host), target.port, error.message()));
  co_return Result<>{};
}

Task<Result<>> ask_http(Node& node, const Probe& probe, const ProbeTarget& target) {
  tcp::socket socket(node.io);
  auto connected = co_await connect(socket, probe, target);
  if (!connected) co_return connected;
  std::string host = fmt::format("{}:{}", in_url(target.address), target.port), more;
  for (const auto& [name, value] : probe.headers) {
    if (name == "Host" || name == "host")
      host = value;
    else
      more += fmt::format("{}: {}\r\n", name, value);
  }
  const auto path = probe.path.starts_with('/') ? probe.path : "/" + probe.path;
  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: kube-probe/podwire\r\nAccept: */*\r\nConnection: "
      "close\r\n{}\r\n",
      path, host, more);
  const auto [unsent, written] = co_await asio::async_write(socket, asio::buffer(request), kTuple);
  if (unsent) co_return sentence(unsent.message());
  std::string answer;
  constexpr std::size_t kMost = 16 << 10;
  auto buffer = asio::dynamic_buffer(answer, kMost);
  const auto [unread, size] = co_await asio::async_read_until(socket, buffer, "\r\n", kTuple);
  if (unread) co_return sentence(unread.message());
  const auto space = answer.find(' ');
  const int status = space == std::string::npos ? 0 : std::atoi(answer.c_str() + space + 1);
  if (status < 200 || status >= 400)
    co_return sentence(fmt::format("HTTP probe failed with statuscode: {}", status));
  co_return Result<>{};
}

Task<Result<>> ask_tcp(Node& node, const Probe& probe, const ProbeTarget& target) {
  tcp::socket socket(node.io);
  co_return co_await connect(socket, probe, target);
}

Task<Result<>> ask_exec(Node& node, const Probe& probe, const ProbeTarget& target) {
  auto begin = [runc = node.places.runc, id = target.container_id, command = probe.command] {
    return start_exec(runc, id, {.command = command});
  };
  auto process = co_await node.blocking.run(std::move(begin));
  if (!process) co_return std::unexpected(process.error());
  auto status = co_await (*process)->wait();
  if (!status) co_return std::unexpected(status.error());
  if (*status != 0) co_return sentence(fmt::format("command failed with exit status {}", *status));
  co_return Result<>{};
}

Task<Result<>> ask_now(Node& node, const Probe& probe, const ProbeTarget& target) {
  if (probe.kind == Probe::Kind::http) co_return co_await ask_http(node, probe, target);
  if (probe.kind == Probe::Kind::tcp) co_return co_await ask_tcp(node, probe, target);
  co_return co_await ask_exec(node, probe, target);
}

}  // namespace

bool ProbeCount::take(bool ok) {
  same_ = ok == last_ ? same_ + 1 : 1;
  last_ = ok;
  if (same_ < (ok ? probe_.successes : probe_.failures)) return false;
  passed_ = ok;
  return true;
}

std::uint16_t port_of(const Probe& probe, const ContainerSpec& spec) {
  if (probe.port.text.empty()) return static_cast<std::uint16_t>(probe.port.number);
  const auto named = std::ranges::find(spec.ports, probe.port.text, &PortSpec::name);
  return named != spec.ports.end() ? static_cast<std::uint16_t>(named->container_port) : 0;
}

Task<Result<>> ask(Node& node, const Probe& probe, ProbeTarget target) {
  using namespace asio::experimental::awaitable_operators;
  auto& clock = client::Clock::real();
  const auto patience = std::chrono::seconds(std::max(probe.timeout, 1));
  auto outcome = co_await (ask_now(node, probe, target) || clock.sleep(patience));
  if (outcome.index() == 0) co_return std::move(std::get<0>(outcome));
  co_return sentence(fmt::format("no answer within {} s", patience.count()));
}

std::string refusal_of(const Probe& probe) {
  if (probe.kind == Probe::Kind::grpc)
    return "podwire has no grpc probes: it has httpGet, tcpSocket and exec";
  if (probe.kind == Probe::Kind::http && probe.scheme == "HTTPS")
    return "podwire probes by plain HTTP: of HTTPS it has tcpSocket";
  return {};
}

}  // namespace podwire::kubelet
