#include "client/kubeconfig.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/base64.h"
#include "base/file.h"
#include "client/yaml_reader.h"

namespace podwire::client {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

std::unexpected<Error> wrong(const std::string& path, std::string_view field, std::string_view why) {
  return fail("read kubeconfig", path, 0,
              field.empty() ? std::string(why) : fmt::format("{}: {}", field, why));
}

/// An object of the file that knows its place in it.
struct Section {
  const json::object* object;
  std::string place;  ///< "users[0].user"
  const std::string& path;

  [[nodiscard]] std::string at(std::string_view key) const { return place + "." + std::string(key); }

  /// "" where it is absent or null.
  [[nodiscard]] Result<std::string> text(std::string_view key) const {
    const auto* value = object->if_contains(key);
    if (value == nullptr || value->is_null()) return std::string();
    if (!value->is_string()) return wrong(path, at(key), "text is expected");
    return std::string(value->get_string());
  }
  [[nodiscard]] Result<bool> truth(std::string_view key) const {
    const auto* value = object->if_contains(key);
    if (value == nullptr || value->is_null()) return false;
    if (!value->is_bool()) return wrong(path, at(key), "true or false is expected");
    return value->get_bool();
  }
  /// A path in the file, seen from here.
  [[nodiscard]] Result<std::string> file(std::string_view key) const {
    auto name = TRY(text(key));
    if (name.empty()) return name;
    return (std::filesystem::path(path).parent_path() / name).string();
  }
  /// What stands in base64 under KEY-data, else what the file under KEY holds.
  [[nodiscard]] Result<std::string> content(const std::string& key) const {
    auto data = TRY(text(key + "-data"));
    if (!data.empty()) {
      std::erase_if(data, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
      auto decoded = base64_decode(data);
      if (!decoded) return wrong(path, at(key + "-data"), "not base64");
      return std::move(*decoded);
    }
    const auto name = TRY(file(key));
    if (name.empty()) return std::string();
    auto content = read_file(name, kLargestFile);
    if (!content) return wrong(path, at(key), content.error().message());
    return std::move(*content);
  }
};

/// The section `kind` of the entry with that name of `list`: clusters[].cluster.
Result<Section> entry(const json::object& root, std::string_view list, std::string_view kind,
                      std::string_view name, const std::string& path) {
  const auto* entries = kube::array_in(root, list);
  for (std::size_t i = 0; entries != nullptr && i < entries->size(); ++i) {
    const auto* one = (*entries)[i].if_object();
    if (one == nullptr || kube::text_in(*one, "name") != name) continue;
    const auto* section = kube::object_in(*one, kind);
    auto place = fmt::format("{}[{}].{}", list, i, kind);
    if (section == nullptr) return wrong(path, place, "an object is expected");
    return Section{section, std::move(place), path};
  }
  return wrong(path, list, fmt::format("none has the name \"{}\"", name));
}

Result<> read_cluster(const Section& from, Connection& into) {
  into.url = TRY(from.text("server"));
  if (into.url.empty()) return wrong(from.path, from.at("server"), "the server's URL is missing");
  if (!TRY(from.text("proxy-url")).empty())
    return wrong(from.path, from.at("proxy-url"), "proxies are not supported");
  into.ca = TRY(from.content("certificate-authority"));
  into.verify = !TRY(from.truth("insecure-skip-tls-verify"));
  if (!into.verify && !into.ca.empty())
    return wrong(from.path, from.at("insecure-skip-tls-verify"), "cannot be with a certificate-authority");
  into.server_name = TRY(from.text("tls-server-name"));
  return {};
}

Result<> read_user(const Section& from, Connection& into) {
  for (const auto* key : {"exec", "auth-provider", "username", "password", "as"})
    if (const auto* value = from.object->if_contains(key); value != nullptr && !value->is_null())
      return wrong(from.path, from.at(key), "not supported; use a client certificate or a token");
  into.certificate = TRY(from.content("client-certificate"));
  into.key = TRY(from.content("client-key"));
  if (into.certificate.empty() != into.key.empty())
    return wrong(from.path, from.at(into.key.empty() ? "client-key" : "client-certificate"),
                 "a client certificate and its key go together");
  into.token = TRY(from.text("token"));
  into.token_file = TRY(from.file("tokenFile"));
  return {};
}

}  // namespace

Result<Connection> parse_kubeconfig(std::string_view text, const std::string& path,
                                    std::string_view context) {
  const auto parsed = json_from_yaml(text);
  if (!parsed) return wrong(path, "", parsed.error().message());
  const auto* root = parsed->if_object();
  if (root == nullptr) return wrong(path, "", "an object is expected");
  const auto name = context.empty() ? kube::text_in(*root, "current-context") : context;
  if (name.empty()) return wrong(path, "current-context", "is missing, and no context was named");
  const auto chosen = TRY(entry(*root, "contexts", "context", name, path));
  const auto cluster = TRY(chosen.text("cluster"));
  const auto user = TRY(chosen.text("user"));
  Connection out;
  out.namespace_ = TRY(chosen.text("namespace"));
  if (out.namespace_.empty()) out.namespace_ = "default";
  TRY(read_cluster(TRY(entry(*root, "clusters", "cluster", cluster, path)), out));
  if (!user.empty()) TRY(read_user(TRY(entry(*root, "users", "user", user, path)), out));
  return out;
}

Result<Connection> read_kubeconfig(const std::string& path, std::string_view context) {
  const auto text = TRY(read_file(path, kLargestFile));
  return parse_kubeconfig(text, path, context);
}

}  // namespace podwire::client
