#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "standin/programs.h"

namespace podwire::standin {
namespace {

std::string row(std::string_view name, std::string_view value) {
  return value.empty() ? std::string()
                       : fmt::format("    <tr><th>{}:</th><td>{}</td></tr>\n", name, html_escaped(value));
}

struct Greeting {
  std::string message, pod, node, ns, image;
};

Response page(const Greeting& greeting, const Request& request) {
  Response out{.content_type = "text/html; charset=utf-8"};
  out.body = fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Hello Kubernetes!</title>
  <style>
    body {{ font-family: sans-serif; margin: 4rem auto; max-width: 40rem; color: #1d2b3a; }}
    th {{ text-align: left; padding-right: 1.5rem; }}
  </style>
</head>
<body>
  <h1>{}</h1>
  <table>
{}{}{}{}{}  </table>
</body>
</html>
)",
      html_escaped(greeting.message), row("namespace", greeting.ns), row("pod", greeting.pod),
      row("node", greeting.node), row("image", greeting.image), row("client", request.client));
  return out;
}

/// The same for programs: who asked, as the pod saw it, shows where a source address was changed.
Response facts(const Greeting& greeting, const Request& request) {
  return {.content_type = "application/json",
          .body = boost::json::serialize(boost::json::object{{"message", greeting.message},
                                                             {"namespace", greeting.ns},
                                                             {"pod", greeting.pod},
                                                             {"node", greeting.node},
                                                             {"client", request.client}}) +
                  "\n"};
}

}  // namespace

/// In place of paulbouwer/hello-kubernetes, with its environment: MESSAGE, PORT and KUBERNETES_*.
Result<Program> hello_kubernetes(const std::vector<std::string>&, const Surroundings& around) {
  Greeting greeting{.message = std::string(around.variable("MESSAGE", "Hello world!")),
                    .pod = std::string(around.variable("KUBERNETES_POD_NAME", around.host_name)),
                    .node = std::string(around.variable("KUBERNETES_NODE_NAME", around.system)),
                    .ns = std::string(around.variable("KUBERNETES_NAMESPACE")),
                    .image = std::string(around.variable("CONTAINER_IMAGE"))};
  const auto port = TRY(port_of("PORT", around.variable("PORT", "8080")));
  return Program{.name = "hello-kubernetes",
                 .site = at_once([greeting = std::move(greeting)](const Request& request) -> Response {
                   if (request.method != "GET" && request.method != "HEAD") return {.status = 405};
                   if (request.path == "/") return page(greeting, request);
                   if (request.path == "/api") return facts(greeting, request);
                   if (request.path == "/healthz") return {.body = "ok\n"};
                   return {.status = 404, .body = fmt::format("there is no {} here\n", request.path)};
                 }),
                 .http_port = port};
}

/// In place of hashicorp/http-echo: -text=WORDS -listen=:PORT.
Result<Program> http_echo(const std::vector<std::string>& arguments, const Surroundings& around) {
  auto options = TRY(options_of("http-echo", arguments, {"text", "listen", "status-code"}));
  auto text = options.contains("text") ? options["text"] : std::string(around.variable("ECHO_TEXT"));
  if (text.empty()) return fail("start", "http-echo", 0, "it needs -text");
  const auto listen = options.contains("listen") ? options["listen"] : ":5678";
  const auto port = TRY(port_of("-listen", std::string_view(listen).substr(listen.rfind(':') + 1)));
  const auto status = options.contains("status-code") ? TRY(port_of("-status-code", options["status-code"]))
                                                      : std::uint16_t{200};
  if (status < 200 || status > 599) return fail("read", "-status-code", 0, "it is from 200 to 599");
  return Program{.name = "http-echo",
                 .site = at_once([text = text + "\n", status](const Request&) -> Response {
                   return {.status = status, .body = text};
                 }),
                 .http_port = port};
}

}  // namespace podwire::standin
