#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "docker/container.h"
#include "docker/site.h"

namespace podwire::docker {

/// The executable of podwire-cni: $PODWIRE_CNI, else beside this program, else /opt/cni/bin. Error: ENOENT
/// with all three.
Result<std::string> find_cni_plugin();

/// Runs the plugins of a network configuration list as a container runtime does: environment, configuration
/// on stdin, result on stdout, in the site's network namespace; each one gets the result of the one before.
/// Every plugin is podwire-cni. Errors carry the message of the plugin's error object.
class CniClient {
 public:
  CniClient(const Site& site, boost::json::object conflist) : site_(site), conflist_(std::move(conflist)) {}

  /// The last plugin's result. What was added stays added after an error: call del.
  Result<boost::json::object> add(const std::string& container_id, const Attachment& attachment) const;
  /// In the reverse order, on past errors; success when nothing is there.
  Result<> del(const std::string& container_id, const Attachment& attachment) const;
  /// Takes away what belongs to a container that is not among `valid`.
  Result<> collect_garbage(const std::vector<std::string>& valid) const;

 private:
  struct Invocation;
  Result<boost::json::object> run(const Invocation& invocation) const;
  const Site& site_;
  boost::json::object conflist_;
};

/// Takes from a plugin's result what a container's record keeps. Errors name the field.
Result<> take_result(const boost::json::object& result, Attachment& into);

/// The configuration that one plugin gets (CNI 1.1.0 "Deriving request configuration"): name and version of
/// the list, only the runtime values that the plugin has declared as capabilities. Pure.
[[nodiscard]] boost::json::object plugin_config(const boost::json::object& conflist,
                                                const boost::json::object& plugin,
                                                const boost::json::object& runtime_config,
                                                const boost::json::object* previous);

}  // namespace podwire::docker
