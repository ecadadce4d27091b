#pragma once
#include <boost/json/object.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace podwire::server {

namespace json = boost::json;

/// Which node needs what, by the pods that are bound to it, kept up to date pod by pod. A question costs as
/// much as the node has pods.
class NodeGraph {
 public:
  void put(const json::object& pod);
  void erase(std::string_view ns, std::string_view name);

  [[nodiscard]] bool runs(std::string_view node, std::string_view ns, std::string_view pod) const;
  /// Whether a pod of the node refers to that object; `resource`: "secrets", "configmaps",
  /// "serviceaccounts".
  [[nodiscard]] bool needs(std::string_view node, std::string_view resource, std::string_view ns,
                           std::string_view name) const;

 private:
  using PodKey = std::pair<std::string, std::string>;                // ns, name
  using References = std::set<std::pair<std::string, std::string>>;  // resource, name; in the pod's namespace
  std::map<std::string, std::map<PodKey, References>, std::less<>> nodes_;
  std::map<PodKey, std::string> node_of_;
};

/// The ServiceAccount that a pod runs as: "default" where it names none.
[[nodiscard]] std::string_view account_of(const json::object& pod);

}  // namespace podwire::server
