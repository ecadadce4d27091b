#include "lab/cluster/footloose.h"

#include <fmt/format.h>

#include <algorithm>

namespace podwire::lab {
namespace {

namespace json = kube::json;

constexpr std::int64_t kMostMachines = 10'000;

std::unexpected<Error> wrong(std::string_view path, std::string_view why) {
  return fail("read footloose configuration", path, 0, why);
}

void ignore(Footloose& out, std::string path) {
  if (std::ranges::find(out.ignored, path) == out.ignored.end()) out.ignored.push_back(std::move(path));
}

/// Notes the keys of an object that are not among those that are read.
void ignore_others(Footloose& out, const json::object& object, std::string_view place,
                   std::initializer_list<std::string_view> read) {
  for (const auto& [key, value] : object)
    if (std::ranges::find(read, std::string_view(key)) == read.end())
      ignore(out, fmt::format("{}{}", place, std::string_view(key)));
}

Result<> read_group(const json::value& value, std::size_t index, Footloose& out) {
  const auto place = fmt::format("machines[{}]", index);
  const auto* group = value.if_object();
  if (group == nullptr) return wrong(place, "an object with count and spec is expected");
  ignore_others(out, *group, "machines[].", {"count", "spec"});
  std::int64_t count = 1;
  if (const auto* given = group->if_contains("count")) {
    if (!given->is_int64() || given->get_int64() < 0 || given->get_int64() > kMostMachines)
      return wrong(place + ".count", fmt::format("a number from 0 to {} is expected", kMostMachines));
    count = given->get_int64();
  }
  const auto* spec_value = group->if_contains("spec");
  const auto* spec = spec_value == nullptr ? nullptr : spec_value->if_object();
  if (spec == nullptr) return wrong(place + ".spec", "an object is expected");
  ignore_others(out, *spec, "machines[].spec.", {"name"});
  const auto* name_value = spec->if_contains("name");
  const auto* name = name_value == nullptr ? nullptr : name_value->if_string();
  if (name == nullptr) return wrong(place + ".spec.name", "a name such as node%d is expected");
  const std::string pattern(*name);
  const auto at = pattern.find("%d");
  if (pattern.find('%', at == std::string::npos ? 0 : at + 1) != std::string::npos)
    return wrong(place + ".spec.name", fmt::format("{} may hold %d once, and no other %", pattern));
  if (at == std::string::npos && count > 1)
    return wrong(place + ".spec.name",
                 fmt::format("{} machines cannot all be called {}: put %d into the name", count, pattern));
  for (std::int64_t i = 0; i < count; ++i)
    out.machines.push_back(at == std::string::npos
                               ? pattern
                               : pattern.substr(0, at) + std::to_string(i) + pattern.substr(at + 2));
  return {};
}

}  // namespace

Result<Footloose> footloose_from(const json::value& document) {
  Footloose out;
  const auto* root = document.if_object();
  if (root == nullptr) return wrong("", "an object with cluster and machines is expected");
  ignore_others(out, *root, "", {"cluster", "machines"});
  if (const auto* cluster = root->if_contains("cluster")) {
    if (!cluster->is_object()) return wrong("cluster", "an object is expected");
    ignore_others(out, cluster->get_object(), "cluster.", {"name"});
    if (const auto* name = cluster->get_object().if_contains("name")) {
      if (!name->is_string()) return wrong("cluster.name", "text is expected");
      out.name = name->get_string();
    }
  }
  const auto* machines = root->if_contains("machines");
  if (machines == nullptr || !machines->is_array()) return wrong("machines", "a list is expected");
  for (std::size_t i = 0; i < machines->get_array().size(); ++i)
    TRY(read_group(machines->get_array()[i], i, out));
  if (out.machines.empty()) return wrong("machines", "there is not one");
  return out;
}

}  // namespace podwire::lab
