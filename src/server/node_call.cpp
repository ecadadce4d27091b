#include "server/node_call.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/url.h"

namespace podwire::server {
namespace {

using kube::Answer;
using kube::text_in;

std::vector<std::string> names_in(const json::object& pod, std::string_view list) {
  std::vector<std::string> out;
  if (const auto* containers = kube::array_in(pod, "spec", list))
    for (const auto& container : *containers)
      if (const auto* object = container.if_object()) out.emplace_back(text_in(*object, "name"));
  return out;
}

std::string_view address_of(const json::object& node) {
  const auto* addresses = kube::array_in(node, "status", "addresses");
  if (addresses == nullptr) return {};
  for (const std::string_view type : {"InternalIP", "Hostname", "ExternalIP"})
    for (const auto& address : *addresses)
      if (const auto* object = address.if_object(); object != nullptr && text_in(*object, "type") == type)
        return text_in(*object, "address");
  return {};
}

Answer<std::uint16_t> port_of(const json::object& node) {
  const auto* port = kube::in(node, "status", "daemonEndpoints", "kubeletEndpoint", "Port");
  if (port != nullptr) {
    boost::system::error_code error;
    const auto number = port->to_number<std::uint16_t>(error);
    if (!error && number != 0) return number;
  }
  return std::unexpected(kube::Status{
      .code = 503,
      .reason = "ServiceUnavailable",
      .message = fmt::format("node {} does not run an agent that could answer (it says no port in "
                             "status.daemonEndpoints)",
                             text_in(node, "metadata", "name"))});
}

/// A parameter that is "true" unless the client says otherwise, or only if it does.
bool is_set(const Query& query, std::string_view name, bool otherwise) {
  const auto value = parameter(query, name);
  return value.empty() ? otherwise : value == "true" || value == "1";
}

http::Query command_query(const Query& query, bool exec) {
  http::Query out;
  if (is_set(query, "stdin", false)) out.add("input", "1");
  if (is_set(query, "stdout", true)) out.add("output", "1");
  if (is_set(query, "stderr", true)) out.add("error", "1");
  if (is_set(query, "tty", false)) out.add("tty", "1");
  if (exec)
    for (const auto& [name, value] : query)
      if (name == "command") out.add("command", value);
  return out;
}

}  // namespace

Answer<std::string> container_of(const json::object& pod, std::string_view wanted) {
  const auto pod_name = text_in(pod, "metadata", "name");
  const auto containers = names_in(pod, "containers"), init = names_in(pod, "initContainers");
  if (wanted.empty()) {
    if (containers.size() == 1) return containers[0];
    auto why = fmt::format("a container name must be specified for pod {}, choose one of: [{}]", pod_name,
                           fmt::join(containers, " "));
    if (!init.empty()) why += fmt::format(" or one of the init containers: [{}]", fmt::join(init, " "));
    return kube::bad_request(why);
  }
  if (std::ranges::find(containers, wanted) != containers.end() ||
      std::ranges::find(init, wanted) != init.end())
    return std::string(wanted);
  return kube::bad_request(fmt::format("container {} is not valid for pod {}", wanted, pod_name));
}

Answer<std::string> node_of(const json::object& pod) {
  const auto node = text_in(pod, "spec", "nodeName");
  if (!node.empty()) return std::string(node);
  return kube::bad_request(
      fmt::format("pod {} does not have a host assigned", text_in(pod, "metadata", "name")));
}

Answer<NodeCall> node_call(const json::object& pod, const json::object& node, std::string_view subresource,
                           const Query& query) {
  NodeCall out{.node = std::string(text_in(node, "metadata", "name")),
               .host = std::string(address_of(node)),
               .ns = std::string(text_in(pod, "metadata", "namespace")),
               .pod = std::string(text_in(pod, "metadata", "name"))};
  std::string container;
  if (subresource != "portforward") container = TRY(container_of(pod, parameter(query, "container")));
  out.port = TRY(port_of(node));
  if (out.host.empty())
    return std::unexpected(kube::Status{
        .code = 503,
        .reason = "ServiceUnavailable",
        .message = fmt::format("node {} has no address in its status where it could be asked", out.node)});
  const auto path = [&](std::string_view first, bool with_uid) {
    auto text =
        fmt::format("/{}/{}/{}", first, http::percent_encoded(out.ns), http::percent_encoded(out.pod));
    // A pod of the same name may have taken its place.
    if (with_uid) text += "/" + http::percent_encoded(text_in(pod, "metadata", "uid"));
    return container.empty() ? text : text + "/" + http::percent_encoded(container);
  };
  http::Query asked;
  if (subresource == "log") {
    for (const auto& [name, value] : query)
      if (name != "container") asked.add(http::percent_encoded(name), value);
    out.target = asked.of(path("containerLogs", false));
  } else if (subresource == "portforward") {
    for (const auto& [name, value] : query)
      if (name == "ports") asked.add("port", value);
    out.target = asked.of(path("portForward", true));
  } else {
    out.target = command_query(query, subresource == "exec").of(path(subresource, true));
  }
  return out;
}

}  // namespace podwire::server
