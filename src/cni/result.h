#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "cni/error.h"

namespace podwire::cni {

struct Interface {
  std::string name;
  std::string mac;      ///< as text: other plugins may say anything
  std::string sandbox;  ///< netns path; empty: on the host
  std::uint32_t mtu = 0;
  std::string socket_path, pci_id;
  friend bool operator==(const Interface&, const Interface&) = default;
};

struct IpConfig {
  Cidr address;
  std::optional<IpAddr> gateway;
  std::optional<unsigned> interface;  ///< index into interfaces
  friend bool operator==(const IpConfig&, const IpConfig&) = default;
};

/// A route of a result or of an ipam config (1.1.0's fields; those that are not set are not written).
struct ResultRoute {
  Cidr dst;
  std::optional<IpAddr> gateway;
  std::optional<std::uint32_t> mtu, advmss, priority, table, scope;
  friend bool operator==(const ResultRoute&, const ResultRoute&) = default;
};

struct Dns {
  std::vector<std::string> nameservers, search, options;
  std::string domain;
  [[nodiscard]] bool empty() const {
    return nameservers.empty() && search.empty() && options.empty() && domain.empty();
  }
  friend bool operator==(const Dns&, const Dns&) = default;
};

/// The outcome of an ADD, in the newest version's vocabulary.
struct AddResult {
  std::vector<Interface> interfaces;
  std::vector<IpConfig> ips;
  std::vector<ResultRoute> routes;
  Dns dns;
  friend bool operator==(const AddResult&, const AddResult&) = default;
};

/// Writes a result as `version` wants it (0.1.0/0.2.0: ip4, ip6; 0.3.x/0.4.0: ips[].version; 1.x). The
/// version goes into cniVersion. Error 1 for an unknown version, 7 when 0.2.0 cannot hold it (no address, two
/// of a family). What an old version has no place for is left out: interfaces before 0.3.0, routes of a
/// family without an address.
CniResult<boost::json::object> encode_result(const AddResult& result, std::string_view version);

/// Reads a result of any version; its own cniVersion decides if we speak it, else `config_version`. Unknown
/// fields are ignored. Error 7 with the path of the bad field ("prevResult.ips[0].address"), which starts
/// with `what`.
CniResult<AddResult> decode_result(const boost::json::object& json, std::string_view config_version,
                                   std::string what = "prevResult");

/// The error object for stdout.
[[nodiscard]] boost::json::object encode_error(const CniError& error, std::string_view version);

}  // namespace podwire::cni
