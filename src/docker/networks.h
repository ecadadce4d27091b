#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "docker/cni_client.h"
#include "docker/network.h"
#include "docker/site.h"

namespace podwire::docker {

/// The networks of a site: files in networks_dir, bridges in its namespace. docker0 is always there: planned
/// when first looked at, its bridge made when first used. Callers hold the site's lock.
class Networks {
 public:
  explicit Networks(const Site& site) : site_(site) {}

  /// docker0 first, the others by name. Files that cannot be read are skipped with a warning.
  Result<std::vector<Network>> list() const;
  /// By name ("bridge" is docker0), id or the beginning of an id.
  Result<Network> find(const std::string& reference) const;
  /// Plans, writes it down, and makes its bridge at once. EEXIST: the name is taken.
  Result<Network> create(const NetworkRequest& request) const;
  /// The bridge with its gateway addresses as it should be; a bridge of that name that is not ours is left
  /// alone (EEXIST).
  Result<> ensure_device(const Network& network) const;
  /// EBUSY: containers are attached to it (their names are given).
  Result<> remove(const Network& network, const std::vector<std::string>& attached) const;
  /// podwire-cni with this network's configuration.
  Result<CniClient> cni(const Network& network) const;

 private:
  [[nodiscard]] std::string path(const std::string& name) const;
  Result<std::vector<Network>> read_all() const;
  Result<Network> plan(const NetworkRequest& request, const std::vector<Network>& existing) const;
  Result<> write(const Network& network) const;
  const Site& site_;
};

}  // namespace podwire::docker
