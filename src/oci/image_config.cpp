#include <boost/json/serialize.hpp>

#include "oci/image.h"
#include "oci/json_view.h"

namespace podwire::oci {

Result<ImageConfig> parse_image_config(std::string_view text) {
  const auto document = TRY(parse_json(text, "image config"));
  const JsonView root(document, "image config");
  const JsonView process = TRY(root.at("config"));
  ImageConfig out;
  out.created = TRY(TRY(root.at("created")).text_or(""));
  out.architecture = TRY(TRY(root.at("architecture")).text_or(""));
  out.os = TRY(TRY(root.at("os")).text_or(""));
  out.env = TRY(TRY(process.at("Env")).texts());
  out.entrypoint = TRY(TRY(process.at("Entrypoint")).texts());
  out.command = TRY(TRY(process.at("Cmd")).texts());
  out.working_dir = TRY(TRY(process.at("WorkingDir")).text_or(""));
  out.user = TRY(TRY(process.at("User")).text_or(""));
  out.labels = TRY(TRY(process.at("Labels")).text_map());
  for (const auto& [port, unused] : TRY(TRY(process.at("ExposedPorts")).fields()))
    out.exposed_ports.push_back(port);
  const JsonView rootfs = TRY(root.at("rootfs"));
  for (const auto& id : TRY(TRY(rootfs.at("diff_ids")).items())) {
    auto digest = Digest::parse(TRY(id.text()));
    if (!digest) return std::unexpected(std::move(digest.error()).in(id.path()));
    out.diff_ids.push_back(*digest);
  }
  return out;
}

boost::json::object encode_image_config(const ImageConfig& config) {
  namespace json = boost::json;
  const auto strings = [](const std::vector<std::string>& from) {
    return json::array(from.begin(), from.end());
  };
  json::object process;
  if (!config.env.empty()) process["Env"] = strings(config.env);
  if (!config.entrypoint.empty()) process["Entrypoint"] = strings(config.entrypoint);
  if (!config.command.empty()) process["Cmd"] = strings(config.command);
  if (!config.working_dir.empty()) process["WorkingDir"] = config.working_dir;
  if (!config.user.empty()) process["User"] = config.user;
  if (!config.exposed_ports.empty()) {
    json::object ports;
    for (const auto& port : config.exposed_ports) ports[port] = json::object{};
    process["ExposedPorts"] = std::move(ports);
  }
  if (!config.labels.empty()) {
    json::object labels;
    for (const auto& [key, value] : config.labels) labels[key] = value;
    process["Labels"] = std::move(labels);
  }
  json::array layers;
  for (const auto& id : config.diff_ids) layers.emplace_back(id.str());
  json::object out{{"architecture", config.architecture}, {"os", config.os}, {"config", std::move(process)}};
  if (!config.created.empty()) out["created"] = config.created;
  out["rootfs"] = json::object{{"type", "layers"}, {"diff_ids", std::move(layers)}};
  return out;
}

}  // namespace podwire::oci
