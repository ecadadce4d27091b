#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace podwire::runtime {

/// The executable of podwire-cni: $PODWIRE_CNI, else beside this program, else /opt/cni/bin. Error: ENOENT
/// with all three.
Result<std::string> find_cni_plugin();

/// Whom a plugin is called for.
struct CniSubject {
  std::string container_id, netns;     ///< netns: a path
  boost::json::object runtime_config;  ///< "portMappings" and so on
  std::string args;  ///< CNI_ARGS: "K8S_POD_NAMESPACE=default;K8S_POD_NAME=web"; may be empty
};

/// Runs the plugins of a network configuration list as a container runtime does: environment, configuration
/// on stdin, result on stdout; each one gets the result of the one before. Errors carry the message of the
/// plugin's error object. Every call is a process, and blocks; calls may be made on several threads.
class CniClient {
 public:
  /// The path of the executable of a plugin, by its type.
  using FindPlugin = std::function<Result<std::string>(const std::string& type)>;

  /// `enter` is run in the plugin's process before it is executed, as Command::before_exec is: it moves it
  /// into the network namespace where the host's side is to be. Empty: ours.
  CniClient(boost::json::object conflist, FindPlugin find, std::function<int()> enter = {})
      : conflist_(std::move(conflist)), find_(std::move(find)), enter_(std::move(enter)) {}

  /// The last plugin's result. What was added stays added after an error: call del.
  Result<boost::json::object> add(const CniSubject& subject) const;
  /// In the reverse order, on past errors; success when nothing is there.
  Result<> del(const CniSubject& subject) const;
  /// Takes away what belongs to a container that is not among `valid`.
  Result<> collect_garbage(const std::vector<std::string>& valid) const;

 private:
  struct Invocation;
  Result<boost::json::object> run(const Invocation& invocation) const;
  boost::json::object conflist_;
  FindPlugin find_;
  std::function<int()> enter_;
};

/// The interface that containers get.
constexpr const char* kCniInterface = "eth0";

/// The configuration that one plugin gets (CNI 1.1.0 "Deriving request configuration"): name and version of
/// the list, only the runtime values that the plugin has declared as capabilities. Pure.
[[nodiscard]] boost::json::object plugin_config(const boost::json::object& conflist,
                                                const boost::json::object& plugin,
                                                const boost::json::object& runtime_config,
                                                const boost::json::object* previous);

}  // namespace podwire::runtime
