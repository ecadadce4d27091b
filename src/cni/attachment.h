#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/addr.h"
#include "base/file.h"
#include "base/result.h"
#include "cni/ipam_store.h"
#include "cni/netconf.h"
#include "state/nft.h"

namespace podwire::cni {

/// Names that follow from an attachment's key, so that whoever tears down can find everything without being
/// told.
struct AttachmentNames {
  std::string host_link;  ///< "veth" + 11 characters
  std::string ifb;        ///< "pwbw" + 11: the device that shapes what leaves the container
  std::string comment;    ///< of nft elements: "<host_link> <network>/<container>/<ifname>", cut to 127 bytes
};
[[nodiscard]] AttachmentNames names_of(std::string_view network, const Owner& owner);
/// The comment of elements that a whole network shares.
[[nodiscard]] std::string network_comment(std::string_view network);

/// An element and the set that it belongs to (family inet, table podwire-cni).
struct OwnedElement {
  std::string set;
  state::NftElement element;
  friend bool operator==(const OwnedElement&, const OwnedElement&) = default;
};

/// What podwire did for one attachment, written before it is done, removed after it is
/// undone: the journal that DEL, CHECK and GC work from, also when ADD was killed in the middle.
struct Attachment {
  std::string network;
  Owner owner;
  std::string part;       ///< part_of() the role: a link and what is chained behind it have a record each
  std::string host_link;  ///< device in the host's namespace; empty: not ours to delete
  std::string ifb;        ///< empty: none
  std::vector<Cidr> addresses;
  bool ipam_ours = false;
  std::vector<OwnedElement> elements;          ///< this attachment's own
  std::vector<OwnedElement> network_elements;  ///< shared: they go with the network's last attachment
  std::vector<PortMapping> udp_ports;          ///< whose conntrack entries must be flushed
  friend bool operator==(const Attachment&, const Attachment&) = default;
};

/// "link" or "chained".
[[nodiscard]] std::string part_of(Role role);
[[nodiscard]] std::string encode_attachment(const Attachment& attachment);
Result<Attachment> decode_attachment(std::string_view text);

/// The records of one network: <data_dir>/<network>/<containerID>:<ifname>:<part>.
/// Callers hold lock() around write and remove, so that "the last one" is a fact.
class AttachmentStore {
 public:
  AttachmentStore(const std::string& data_dir, std::string network);

  Result<FileLock> lock() const;
  /// There has been an attachment of this network since the host was started.
  [[nodiscard]] bool there() const;
  /// Renamed into place whole. Not fsynced, and kept in /run: after a reboot a record is void, its devices
  /// are gone.
  Result<> write(const Attachment& attachment) const;
  /// nullopt when there is none or it cannot be read (somebody else wrote there).
  Result<std::optional<Attachment>> read(const Owner& owner, std::string_view part) const;
  /// Success when there is none. Takes what a kill in the middle of write() left with it.
  Result<> remove(const Owner& owner, std::string_view part) const;
  Result<std::vector<Attachment>> all() const;
  /// The network has no other record than this one (which may be gone already).
  Result<bool> is_last(const Owner& owner, std::string_view part) const;
  /// Adds to what the network's attachments share; the file `shared` beside the records. Whoever is the last
  /// to go removes these elements, then the file by unshare().
  Result<> share(const std::vector<OwnedElement>& elements) const;
  Result<std::vector<OwnedElement>> shared() const;
  Result<> unshare() const;
  /// Removes left-over temporary files and records that cannot be read.
  Result<> sweep() const;

 private:
  Result<> replace(const std::string& file, std::string_view content) const;
  [[nodiscard]] std::string path(const Owner& owner, std::string_view part) const;
  std::string network_, dir_;
};

}  // namespace podwire::cni
