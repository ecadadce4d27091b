#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "oci/image.h"

namespace podwire::oci {

/// An image that is ready to run: one directory holds all of its layers, applied in order.
struct Image {
  std::string id;  ///< 64 hexadecimal digits: the config's digest
  ImageConfig config;
  std::vector<std::string> names;  ///< sorted
  std::string rootfs;              ///< the directory: an overlay's lower layer, never written to
};

/// Images on disk, without a registry.
/// Layout: <dir>/<id>/{config.json,rootfs/}; <dir>/names.json maps a name to an id; <dir>/.incoming is an
/// import that runs. An image appears by one rename, so that a kill leaves either the whole of it or an
/// .incoming that the next import sweeps. Writers exclude each other by a lock file; readers need none. Not
/// thread-safe.
class ImageStore {
 public:
  explicit ImageStore(std::string dir) : dir_(std::move(dir)) {}

  /// By name ("alpine" means "alpine:latest"), by id or by the beginning of an id (4 digits or more). ENOENT:
  /// none; an ambiguous beginning is an error that says so.
  Result<Image> find(const std::string& reference) const;
  Result<std::vector<Image>> list() const;

  /// Every image of an archive (see images_in), each layer's digest compared. `name` is one more name for it,
  /// when there is only one image. An image that is there already only gets the names.
  Result<std::vector<Image>> import(const std::string& path, const std::string& name = {});
  /// Puts a directory that `build` fills in as an image, unless it is there.
  Result<Image> add_built(const std::string& id, const ImageConfig& config,
                          const std::function<Result<>(const std::string& rootfs)>& build);

  /// Takes a name away, and the image with its last name. An id takes all. Returns what went, as lines to
  /// print.
  Result<std::vector<std::string>> remove(const std::string& reference,
                                          const std::vector<std::string>& ids_in_use);

  [[nodiscard]] const std::string& directory() const { return dir_; }

 private:
  using Names = std::map<std::string, std::string>;
  Result<FileLock> lock() const;
  Result<Names> names() const;
  Result<> write_names(const Names& names) const;
  Result<Image> load(const std::string& id, const Names& names) const;
  Result<> publish(const std::string& id, const ImageConfig& config,
                   const std::function<Result<>(const std::string& rootfs)>& fill) const;

  std::string dir_;
};

}  // namespace podwire::oci
