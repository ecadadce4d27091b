#include <boost/json/parse.hpp>

#include "base/base64.h"
#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"

namespace podwire::kube {
namespace {

constexpr std::size_t kMostBytes = 1024UZ * 1024;

std::size_t decoded_size(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  return text.size() / 4 * 3 - std::min(padding, text.size() / 4 * 3);
}

/// Keys of `data`, and the bytes that its values take.
std::size_t check_keys(const FieldCursor& data, bool encoded) {
  std::size_t bytes = 0;
  data.each_entry([&](std::string_view key, const FieldCursor& entry) {
    check(entry, key, config_key(key));
    bytes += encoded ? decoded_size(entry.text()) : entry.text().size();
  });
  return bytes;
}

void check_immutable(const FieldCursor& object, const CheckContext& context,
                     std::initializer_list<std::string_view> parts) {
  const auto* frozen = context.old != nullptr ? in(*context.old, "immutable") : nullptr;
  if (frozen == nullptr || !frozen->is_bool() || !frozen->get_bool()) return;
  constexpr std::string_view kWhy = "field is immutable when `immutable` is set";
  if (!object["immutable"].flag()) object["immutable"].forbidden(kWhy);
  for (const auto part : parts)
    if (!same(object[part].value(), context.old->if_contains(part))) object[part].forbidden(kWhy);
}

/// A key of the secret's data that must hold JSON.
void check_docker_config(const FieldCursor& entry) {
  if (!entry.present()) return entry.required();
  const auto text = base64_decode(entry.text());
  boost::system::error_code error;
  if (text) json::parse(*text, error);
  if (!text || error) entry.invalid("\"<secret contents redacted>\"", text ? error.message() : "not base64");
}

void require_key(const FieldCursor& data, std::string_view key) {
  if (!data.key(key).present()) data.key(key).required();
}

void check_type(const FieldCursor& object) {
  const auto data = object["data"];
  const auto type = object["type"].text();
  if (type == "kubernetes.io/service-account-token") {
    const auto account = object["metadata"]["annotations"].key("kubernetes.io/service-account.name");
    if (account.empty()) account.required();
  } else if (type == "kubernetes.io/dockercfg") {
    check_docker_config(data.key(".dockercfg"));
  } else if (type == "kubernetes.io/dockerconfigjson") {
    check_docker_config(data.key(".dockerconfigjson"));
  } else if (type == "kubernetes.io/basic-auth") {
    if (data.key("username").present() || data.key("password").present()) return;
    require_key(data, "username");
    require_key(data, "password");
  } else if (type == "kubernetes.io/ssh-auth") {
    if (data.key("ssh-privatekey").empty()) data.key("ssh-privatekey").required();
  } else if (type == "kubernetes.io/tls") {
    require_key(data, "tls.crt");
    require_key(data, "tls.key");
  }
}

}  // namespace

void check_config_map(const FieldCursor& object, const CheckContext& context) {
  const auto data = object["data"], binary = object["binaryData"];
  check_immutable(object, context, {"data", "binaryData"});
  auto bytes = check_keys(data, false);
  data.each_entry([&](std::string_view key, const FieldCursor& entry) {
    if (binary.key(key).present()) entry.invalid(quoted(key), "duplicate of key present in binaryData");
  });
  bytes += check_keys(binary, true);
  if (bytes > kMostBytes) object.too_long(kMostBytes);
}

void fill_secret(json::object& object) {
  if (text_in(object, "type").empty()) object["type"] = "Opaque";
  const auto* plain = object_in(object, "stringData");
  if (plain == nullptr) return;
  json::object encoded;
  for (const auto& entry : *plain)
    if (const auto* text = entry.value().if_string()) encoded[entry.key()] = base64_encode(*text);
  object.erase("stringData");
  auto& data = object_at(object, "data");
  for (auto& entry : encoded) data[entry.key()] = std::move(entry.value());
}

void check_secret(const FieldCursor& object, const CheckContext& context) {
  if (context.old != nullptr) check_unchanged(object["type"], context.old->if_contains("type"));
  check_immutable(object, context, {"data"});
  if (check_keys(object["data"], true) > kMostBytes) object["data"].too_long(kMostBytes);
  check_type(object);
}

}  // namespace podwire::kube
