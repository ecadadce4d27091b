#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "docker/ports.h"
#include "oci/bundle.h"
#include "oci/process_identity.h"

namespace podwire::docker {

/// How a container is attached to the outside. `network` is what the user named: a network, "none" (only
/// loopback), or "host" (the site's own namespace).
struct Attachment {
  std::string network;
  std::vector<std::string> aliases;  ///< more names on the network
  std::vector<PublishedPort> ports;
  std::optional<IpAddr> wanted_ip;
  std::optional<Mac> wanted_mac;
  bool up = false;              ///< set before podwire-cni ADD is run, cleared after DEL
  std::vector<Cidr> addresses;  ///< from here on: as podwire-cni's result says
  std::vector<IpAddr> gateways;
  std::string mac, host_link;
  [[nodiscard]] bool is_network() const { return network != "none" && network != "host"; }
  friend bool operator==(const Attachment&, const Attachment&) = default;
};

/// How far it has come. `exited` is for good: a container runs once.
enum class Phase { creating, running, exited };
[[nodiscard]] std::string_view name_of(Phase phase);

/// What is known of a container, on disk as container.json. Everything needed to take it down is written
/// before it is made.
struct Container {
  std::string id;  ///< 64 hexadecimal digits
  std::string name;
  std::string image, image_id;
  std::string created;
  std::string boot_id;  ///< of the boot it was started in: after another one it cannot run any more
  std::string hostname;
  std::vector<std::string> args, env;
  std::string cwd = "/", user;  ///< user as "uid:gid", for exec
  std::vector<oci::BindMount> mounts;
  std::map<std::string, std::string> labels;
  bool terminal = false, interactive = false, detached = false, remove_at_end = false;
  Attachment attachment;

  Phase phase = Phase::creating;
  oci::ProcessIdentity
      keeper;  ///< who runs it: `podwire run` or its shim. Without it alive nobody waits for the end
  std::string started, finished;
  std::optional<int> exit_code;  ///< none after exit: nobody was there to see it
  std::string error;             ///< why it could not start

  [[nodiscard]] std::string short_id() const { return id.substr(0, 12); }
};

[[nodiscard]] boost::json::object encode_container(const Container& container);
Result<Container> decode_container(std::string_view text);

/// "gentle-otter": a name for who gave none; `n` chooses it.
[[nodiscard]] std::string generated_name(std::uint64_t n);

}  // namespace podwire::docker
