#pragma once
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "kernel/host.h"
#include "kernel/netns/netns.h"

namespace podwire::docker {

/// The two roots of everything that Docker mode writes. `--root DIR` moves both below DIR.
struct Roots {
  std::string state = "/var/lib/podwire";  ///< survives a reboot
  std::string run = "/run/podwire";        ///< must not
  static Roots below(const std::string& dir) { return {dir + "/lib", dir + "/run"}; }
};

/// The network namespace that podwire makes for itself, so that nobody else's is ever changed by default.
constexpr std::string_view kOwnNetns = "podwire";

/// Where containers hang on: one network namespace, in which the bridges and published ports are, and the
/// directories that belong to it. Two namespaces share nothing but the images. Directories:
/// <state>/docker/<id>/{networks,containers,cni,ipam,lock}, <state>/images, <run>/{netns,runc}.
class Site {
 public:
  /// `wanted`: "podwire" (made on first use: loopback up, forwarding on), another name below <run>/netns or
  /// /run/netns, a path, or "host": the namespace this process is in.
  static Result<Site> open(const Roots& roots, const std::string& wanted,
                           kernel::Host& host = kernel::real_host());

  /// Stable name of the namespace: "podwire" and other names below <run>/netns; "host" for that of process 1;
  /// for any other one "ns-", the boot and the kernel's cookie for it, which no later namespace ever has
  /// again.
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const kernel::NetNs& netns() const { return netns_; }
  /// Is it podwire's own one, out of reach for who does not enter it?
  [[nodiscard]] bool is_own() const { return id_ == kOwnNetns; }
  [[nodiscard]] kernel::Host& host() const { return *host_; }
  [[nodiscard]] const Roots& roots() const { return roots_; }

  [[nodiscard]] std::string directory() const { return roots_.state + "/docker/" + id_; }
  [[nodiscard]] std::string networks_dir() const { return directory() + "/networks"; }
  [[nodiscard]] std::string containers_dir() const { return directory() + "/containers"; }
  [[nodiscard]] std::string cni_dir() const { return directory() + "/cni"; }
  [[nodiscard]] std::string ipam_dir() const { return directory() + "/ipam"; }
  [[nodiscard]] std::string images_dir() const { return roots_.state + "/images"; }
  [[nodiscard]] std::string runc_dir() const { return roots_.run + "/runc"; }
  /// Where the namespace of a container is pinned.
  [[nodiscard]] std::string container_netns(const std::string& container_id) const;

  /// Whoever reads and then writes networks or containers holds it; never while waiting for a container.
  [[nodiscard]] Result<FileLock> lock() const;

 private:
  Site(Roots roots, kernel::Host& host, kernel::NetNs netns, std::string id)
      : roots_(std::move(roots)), host_(&host), netns_(std::move(netns)), id_(std::move(id)) {}
  Roots roots_;
  kernel::Host* host_;
  kernel::NetNs netns_;
  std::string id_;
};

/// The directory of pinned namespaces.
[[nodiscard]] std::string netns_dir(const Roots& roots);

/// Pins of containers' namespaces begin with this; other names in netns_dir are for sites.
constexpr std::string_view kContainerPin = "cnt-";

}  // namespace podwire::docker
