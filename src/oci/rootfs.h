#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "oci/image_store.h"

namespace podwire::oci {

/// What a container's root file system is made of.
struct RootFs {
  std::string image_id;  ///< empty: no image but a directory
  ImageConfig config;
  std::string lower;                 ///< read-only below an overlay
  bool upper_in_memory = false;      ///< changes are kept in memory only
  std::vector<std::string> masked;   ///< what the container must not see of it
  std::vector<std::string> scratch;  ///< directories that are empty, writable and in memory in its place
};

/// The root file system that a name means. An absolute path: that directory. An imported image. Else "alpine"
/// and "busybox": busybox_image; "host": this machine's own root, where changes stay in memory, /root, /home
/// and /tmp are empty, and password hashes, keys and podwire's own state (`state_dirs`) are masked. Error:
/// ENOENT with what there is to choose from.
Result<RootFs> find_rootfs(ImageStore& store, const std::string& reference,
                           const std::vector<std::string>& state_dirs);

/// Gives the calling process a mount namespace of its own that sees the host's later mounts and hides its
/// own: what is mounted in it goes with the last process in it, so that no crash leaves a mount behind.
Result<> enter_private_mounts();

/// Mounts the overlay at `target`. `upper` and `work` are directories on one file system, made if need be;
/// with upper_in_memory, or where the file system cannot carry an overlay, a tmpfs at `memory` takes their
/// place.
struct OverlayPlaces {
  std::string upper, work, memory, target;
};
Result<> mount_rootfs(const RootFs& rootfs, const OverlayPlaces& places);
/// In the mount namespace where it was mounted. Success when it is not.
Result<> unmount_rootfs(const OverlayPlaces& places);

}  // namespace podwire::oci
