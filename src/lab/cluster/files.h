#pragma once
#include <string>

namespace podwire::lab {

/// Where a lab's files are: one directory, which exists exactly as long as the lab.
struct LabFiles {
  std::string directory;  ///< /run/podwire/lab/NAME

  static LabFiles of(const std::string& labs, const std::string& name) { return {labs + "/" + name}; }
  [[nodiscard]] std::string lock() const { return directory + "/lock"; }  ///< held by the keeper
  [[nodiscard]] std::string control() const { return directory + "/control.sock"; }
  [[nodiscard]] std::string kubeconfig() const { return directory + "/kubeconfig"; }  ///< for the host
  [[nodiscard]] std::string log() const { return directory + "/keeper.log"; }
  /// The cgroup that the keeper was started in: what machines leave behind is below it.
  [[nodiscard]] std::string cgroup() const { return directory + "/cgroup"; }
  /// A tmpfs in the keeper's mount namespace, a directory for each node.
  [[nodiscard]] std::string disks() const { return directory + "/disks"; }
  [[nodiscard]] std::string disk(const std::string& node) const { return disks() + "/" + node; }
};

}  // namespace podwire::lab
