#pragma once
#include "kubelet/record.h"
#include "kubelet/sources.h"
#include "oci/bundle.h"

namespace podwire::kubelet {

/// A file of a volume that is made of what the API holds.
struct VolumeFile {
  std::string path, content;
  unsigned mode = 0644;
  friend bool operator==(const VolumeFile&, const VolumeFile&) = default;
};

/// The files of a configMap, secret, downwardAPI or projected volume. Pure. Error: what it needs is not
/// there, in the kubelet's words.
Result<std::vector<VolumeFile>> files_of(const Pod& pod, const VolumeSpec& volume, const Sources& sources);

/// Where the node keeps a volume, or where it is on the node (hostPath). Pure.
[[nodiscard]] std::string place_of(const Places& places, const std::string& uid, const VolumeSpec& volume);

/// Makes one volume, or brings its files up to date: all of them change at one moment, as readers see it.
/// Blocking.
Result<> make_volume(const Places& places, const Pod& pod, const VolumeSpec& volume, const Sources& sources);

/// What is mounted into a container: volumes, /etc/hosts, /etc/resolv.conf. Error: a mount without a volume.
Result<std::vector<oci::BindMount>> mounts_of(const Places& places, const Pod& pod,
                                              const ContainerSpec& spec);

}  // namespace podwire::kubelet
