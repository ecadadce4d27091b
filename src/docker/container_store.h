#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "docker/container.h"

namespace podwire::docker {

/// The containers of one site on disk: <dir>/<id>/ holds container.json, the bundle, the writable layer, the
/// log and the files that are mounted into it. Callers hold the site's lock around what they read and then
/// write.
class ContainerStore {
 public:
  explicit ContainerStore(std::string dir) : dir_(std::move(dir)) {}

  struct Listing {
    std::vector<Container> containers;  ///< the oldest first
    std::vector<std::string> broken;    ///< ids whose container.json is missing or cannot be read
  };
  Result<Listing> list() const;
  /// By name, id or the beginning of an id. ENOENT; an ambiguous beginning is an error of its own.
  Result<Container> find(const std::string& reference) const;
  Result<Container> read(const std::string& id) const;
  Result<> write(const Container& container) const;
  /// All that belongs to it. Success when gone.
  Result<> remove(const std::string& id) const;

  [[nodiscard]] std::string directory(const std::string& id) const { return dir_ + "/" + id; }
  [[nodiscard]] std::string log(const std::string& id) const { return directory(id) + "/log"; }
  [[nodiscard]] std::string bundle(const std::string& id) const { return directory(id) + "/bundle"; }

 private:
  std::string dir_;
};

/// As a name, an id or the beginning of an id refer to one of several. Shared by containers and networks.
enum class Match { none, beginning, exact };
[[nodiscard]] Match match(const std::string& reference, const std::string& name, const std::string& id);

}  // namespace podwire::docker
