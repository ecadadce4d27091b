#include "kube/table/cells.h"

// The Tables of configuration and of who may do what: ConfigMap, Secret, ServiceAccount, roles and bindings.
namespace podwire::kube {
namespace {

std::int64_t entries(const json::object* map) {
  return map == nullptr ? 0 : static_cast<std::int64_t>(map->size());
}

json::array config_map_cells(const json::object& map, std::chrono::sys_seconds now) {
  return {name_of(map), entries(object_in(map, "data")) + entries(object_in(map, "binaryData")),
          age_of(map, now)};
}

json::array secret_cells(const json::object& secret, std::chrono::sys_seconds now) {
  return {name_of(secret), text_in(secret, "type"), entries(object_in(secret, "data")), age_of(secret, now)};
}

json::array service_account_cells(const json::object& account, std::chrono::sys_seconds now) {
  return {name_of(account), static_cast<std::int64_t>(size_of(array_in(account, "secrets"))),
          age_of(account, now)};
}

json::array role_cells(const json::object& role, std::chrono::sys_seconds) {
  return {name_of(role), text_in(role, "metadata", "creationTimestamp")};
}

std::string subjects(const json::object& binding, std::string_view kind) {
  std::string out;
  each_object(array_in(binding, "subjects"), [&](const json::object& one) {
    if (text_in(one, "kind") != kind) return;
    std::string name(text_in(one, "name"));
    if (kind == "ServiceAccount") name = std::string(text_in(one, "namespace")) + "/" + name;
    append(out, name, ", ");
  });
  return out;
}

json::array binding_cells(const json::object& binding, std::chrono::sys_seconds now) {
  return {name_of(binding),
          std::string(text_in(binding, "roleRef", "kind")) + "/" +
              std::string(text_in(binding, "roleRef", "name")),
          age_of(binding, now),
          subjects(binding, "User"),
          subjects(binding, "Group"),
          subjects(binding, "ServiceAccount")};
}

}  // namespace

const Layout& config_map_layout() {
  static const Layout layout{
      {name_column(), {"Data", "string", "", "How many entries it has."}, age_column()}, config_map_cells};
  return layout;
}

const Layout& secret_layout() {
  static const Layout layout{{name_column(),
                              {"Type", "string", "", "What kind of secret it is."},
                              {"Data", "string", "", "How many entries it has."},
                              age_column()},
                             secret_cells};
  return layout;
}

const Layout& service_account_layout() {
  static const Layout layout{
      {name_column(), {"Secrets", "string", "", "How many secrets its pods may use."}, age_column()},
      service_account_cells};
  return layout;
}

const Layout& role_layout() {
  static const Layout layout{{name_column(), {"Created At", "date", "", "When the object was created."}},
                             role_cells};
  return layout;
}

const Layout& binding_layout() {
  static const Layout layout{
      {name_column(),
       {"Role", "string", "", "The role that it gives."},
       age_column(),
       {"Users", "string", "", "The users it gives the role to.", 1},
       {"Groups", "string", "", "The groups it gives the role to.", 1},
       {"ServiceAccounts", "string", "", "The service accounts it gives the role to.", 1}},
      binding_cells};
  return layout;
}

}  // namespace podwire::kube
