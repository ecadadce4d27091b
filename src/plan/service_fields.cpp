#include "plan/service_fields.h"

#include <array>
#include <utility>

namespace podwire::plan {
namespace {

constexpr std::array<std::pair<ServiceType, std::string_view>, 4> kTypes{
    {{ServiceType::cluster_ip, "ClusterIP"},
     {ServiceType::node_port, "NodePort"},
     {ServiceType::load_balancer, "LoadBalancer"},
     {ServiceType::external_name, "ExternalName"}}};
constexpr std::array<std::pair<FamilyPolicy, std::string_view>, 3> kPolicies{
    {{FamilyPolicy::single_stack, "SingleStack"},
     {FamilyPolicy::prefer_dual_stack, "PreferDualStack"},
     {FamilyPolicy::require_dual_stack, "RequireDualStack"}}};

template <class Value, std::size_t n>
std::optional<Value> value_of(const std::array<std::pair<Value, std::string_view>, n>& table,
                              std::string_view name) {
  for (const auto& [value, its_name] : table)
    if (its_name == name) return value;
  return std::nullopt;
}

template <class Value, std::size_t n>
std::string_view name_in(const std::array<std::pair<Value, std::string_view>, n>& table, Value wanted) {
  for (const auto& [value, name] : table)
    if (value == wanted) return name;
  return {};
}

}  // namespace

std::optional<ServiceType> service_type(std::string_view name) { return value_of(kTypes, name); }
std::optional<FamilyPolicy> family_policy(std::string_view name) { return value_of(kPolicies, name); }
std::string_view name_of(ServiceType type) { return name_in(kTypes, type); }
std::string_view name_of(FamilyPolicy policy) { return name_in(kPolicies, policy); }

FieldRefusal invalid(std::string_view field, std::string_view shown, std::string_view detail) {
  return {"FieldValueInvalid", std::string(field),
          "Invalid value: " + std::string(shown) + ": " + std::string(detail)};
}

std::string shown(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string shown(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& one : list) out += (out.empty() ? "[" : ",") + shown(std::string_view(one));
  return out.empty() ? "null" : out + "]";
}

}  // namespace podwire::plan
