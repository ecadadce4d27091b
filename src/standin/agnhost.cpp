#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <chrono>

#include "base/process.h"
#include "standin/dial.h"
#include "standin/programs.h"

namespace podwire::standin {
namespace {

int number_of(std::string_view text, int otherwise) {
  int out = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

Response shell(const Request& request) {
  auto command = request.parameter("shellCommand");
  if (command.empty()) command = request.parameter("cmd");
  boost::json::object out;
  const auto ran = run({.argv = {"/bin/sh", "-c", std::string(command)}});
  if (ran) {
    out["output"] = ran->out;
    if (!ran->err.empty() || ran->status != 0)
      out["error"] = fmt::format("exit status {}: {}", ran->status, ran->err);
  } else {
    out["error"] = ran.error().message();
  }
  return {.body = boost::json::serialize(out)};
}

std::string now() {
  return fmt::format("NOW: {} s since 1970\n", std::chrono::duration_cast<std::chrono::seconds>(
                                                   std::chrono::system_clock::now().time_since_epoch())
                                                   .count());
}

struct NetExec {
  std::string host_name;
  bool shell = false;

  [[nodiscard]] Response answer(const Request& request) const {
    const auto& path = request.path;
    if (path == "/") return {.body = now()};
    if (path == "/hostname" || path == "/hostName") return {.body = host_name};
    if (path == "/clientip") return {.body = request.client};
    if (path == "/echo")
      return {.status = std::clamp(number_of(request.parameter("code"), 200), 200, 599),
              .body = std::string(request.parameter("msg"))};
    if (path == "/header") return {.body = std::string(request.header(request.parameter("key")))};
    if (path == "/healthz") return {};
    if (path == "/exit") return {.exit = number_of(request.parameter("code"), 0)};
    if (path == "/shell" && shell) return standin::shell(request);
    if (path == "/shell")
      return {.status = 403, .body = "commands are run only where --allow-shell was given\n"};
    return {.status = 404, .body = fmt::format("there is no {} here\n", path)};
  }
};

Result<Program> netexec(const std::vector<std::string>& arguments, const Surroundings& around) {
  const auto options =
      TRY(options_of("agnhost netexec", arguments, {"http-port", "udp-port", "sctp-port", "allow-shell"}));
  const auto value = [&](std::string_view name, std::string_view otherwise) {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : std::string_view(found->second);
  };
  // As in the image: -1 is no SCTP, which is all that there is here.
  if (value("sctp-port", "-1") != "-1")
    return fail("start", "agnhost netexec", 0, "--sctp-port is not supported");
  const NetExec program{.host_name = around.host_name, .shell = value("allow-shell", "") == "true"};
  Program out{.name = "agnhost netexec"};
  out.http_port = TRY(port_of("--http-port", value("http-port", "8080")));
  if (const auto udp = value("udp-port", "8081"); udp != "-1") out.udp_port = TRY(port_of("--udp-port", udp));
  out.site = [program](const Request& request) {
    return request.path == "/dial" ? dial(request) : answered(program.answer(request));
  };
  return out;
}

Result<Program> serve_hostname(const std::vector<std::string>& arguments, const Surroundings& around) {
  const auto options =
      TRY(options_of("agnhost serve-hostname", arguments, {"port", "http", "tcp", "udp", "close"}));
  const auto port = options.find("port");
  Program out{.name = "agnhost serve-hostname"};
  out.http_port = port == options.end() ? std::uint16_t{9376} : TRY(port_of("--port", port->second));
  if (options.contains("tcp")) return fail("start", "agnhost serve-hostname", 0, "--tcp is not supported");
  if (options.contains("udp")) out.udp_port = out.http_port;
  out.site = at_once([name = around.host_name](const Request&) -> Response { return {.body = name}; });
  return out;
}

}  // namespace

/// In place of agnhost: its programs netexec, serve-hostname and pause.
Result<Program> agnhost(const std::vector<std::string>& arguments, const Surroundings& around) {
  if (arguments.empty() || arguments[0] == "pause") return pause({}, around);
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "netexec") return netexec(rest, around);
  if (arguments[0] == "serve-hostname") return serve_hostname(rest, around);
  return fail(
      "start", "agnhost", 0,
      fmt::format("this stand-in for the image has no program {}; it has netexec, serve-hostname and pause",
                  arguments[0]));
}

std::string datagram_answer(std::string_view text, std::string_view host_name, std::string_view client) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.starts_with("echo ")) return std::string(text.substr(5));
  if (text == "hostname" || text == "hostName") return std::string(host_name);
  if (text == "clientip") return std::string(client);
  return {};
}

}  // namespace podwire::standin
