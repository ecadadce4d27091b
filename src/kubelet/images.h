#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "kubelet/record.h"
#include "oci/bundle.h"
#include "oci/rootfs.h"

namespace podwire::kubelet {

/// What an image's name means on a node that asks no registry.
struct FoundImage {
  oci::RootFs rootfs;
  std::vector<oci::BindMount> mounts;  ///< what a stand-in needs of the node
  std::string stand_in;                ///< "hello-kubernetes": podwire's own program that answers as it does
};

/// The stand-in for a well-known image, by its name without registry and tag; empty: there is none. Pure.
[[nodiscard]] std::string stand_in_for(std::string_view image);

/// The images of a node: imported ones first, then busybox for what is little more, then stand-ins. May be
/// called on several threads.
class Images {
 public:
  /// `program`: the static program that has the stand-ins (podwire-cni).
  Images(std::string store, std::string program) : store_(std::move(store)), program_(std::move(program)) {}

  /// Blocking. ENOENT, with what to do: there is no such image here.
  Result<FoundImage> find(const std::string& image);

 private:
  Result<oci::RootFs> busybox();
  std::string store_, program_;
  std::mutex mutex_;  // of what is below; making busybox's image, too
  std::optional<oci::RootFs> busybox_;
};

}  // namespace podwire::kubelet
