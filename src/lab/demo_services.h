#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/addr.h"
#include "lab/demo_cluster.h"
#include "lab/narrator.h"
#include "lab/play.h"

namespace podwire::lab {

/// A pod as the API tells of it.
struct DemoPod {
  std::string name, node;
  IpAddr address;
  bool ready = false;
};

/// The demo "Service IPs": a cluster of three nodes, the talk's application on it, and the three pools that
/// its addresses come from.
struct ServicesScene {
  Narrator& tell;
  DemoCluster cluster;
  IpAddr cluster_ip{};  ///< of the Service, once it is there

  static Result<ServicesScene> set(Narrator& tell, const std::string& podwire);

  /// The application's pods that are not on their way out, by name. Silent.
  [[nodiscard]] Result<std::map<std::string, DemoPod>> pods() const;
  /// When there are so many, all ready; after a minute an error.
  Result<std::map<std::string, DemoPod>> wait_for_pods(std::size_t count) const;
};

/// In the order in which they are played.
[[nodiscard]] std::span<const Step<ServicesScene>> services_steps();

// The steps, by file: _nodes, _pods, _service, _tables, _scale.
Result<> look_at_the_nodes(ServicesScene& scene);
Result<> look_at_the_pod_cidrs(ServicesScene& scene);
Result<> start_the_application(ServicesScene& scene);
Result<> look_at_the_service(ServicesScene& scene);
Result<> ask_from_a_node(ServicesScene& scene);
Result<> ask_from_a_pod(ServicesScene& scene);
Result<> look_at_the_tables(ServicesScene& scene);
Result<> scale_the_application(ServicesScene& scene);
Result<> lose_a_backend(ServicesScene& scene);

/// The name that all of the talk's objects have.
inline constexpr const char* kHello = "hello-kubernetes";
/// The pools, as `podwire lab up` sets them: the talk's flags.
inline constexpr const char* kPodPool = "10.244.0.0/16";
inline constexpr const char* kServicePool = "10.96.0.0/12";

/// Whether a text names the address and port of each pod.
[[nodiscard]] bool names_all(std::string_view text, const std::map<std::string, DemoPod>& pods);
/// Checks that the Service's address leads to these pods and nowhere else, as a node's kernel has it.
Result<> check_the_maps(ServicesScene& scene, const std::string& node,
                        const std::map<std::string, DemoPod>& pods);
/// Until that is so, for some seconds at most; then it is for the check to say what is there.
Result<> wait_for_the_maps(ServicesScene& scene, const std::string& node,
                           const std::map<std::string, DemoPod>& pods);

/// "10.244.1.3:8080, 10.244.2.2:8080"
[[nodiscard]] std::string listed(const std::set<std::string>& names);

}  // namespace podwire::lab
