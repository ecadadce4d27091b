#pragma once
#include <map>
#include <optional>

#include "dns/record.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/service.h"

namespace podwire::dns {

/// The names of a cluster (Kubernetes' DNS-based service discovery 1.1), kept from its Services and
/// EndpointSlices, which may come in any order. Pure; not thread-safe. A change costs what that Service or
/// slice has; an answer costs a lookup, and for a headless Service its endpoints.
class Zone {
 public:
  /// `servers`: where the DNS of the cluster is asked; may be empty.
  Zone(Name domain, std::vector<IpAddr> servers);

  /// New or changed.
  void set(const kube::Service& service);
  void set(const kube::EndpointSlice& slice);
  void remove(const kube::Service& service);
  void remove(const kube::EndpointSlice& slice);

  /// nullopt: the name is not of this cluster; somebody else may know. A CNAME of an ExternalName Service
  /// comes alone: what it leads to is not looked up, unless it is of this zone.
  [[nodiscard]] std::optional<Answer> answer(const Question& question) const;

  [[nodiscard]] const Name& domain() const { return domain_; }

 private:
  using Labels = std::vector<std::string>;
  using Key = std::pair<std::string, std::string>;  ///< namespace, name

  struct Port {
    std::string name, protocol;  ///< in lower case
    std::uint16_t number = 0;
  };
  /// One endpoint under its own name.
  struct Host {
    std::string label;
    IpAddr address;
  };
  struct Slice {
    std::vector<Host> hosts;
    std::vector<Port> ports;
  };
  /// What is known of one Service: slices may be here before it is.
  struct Entry {
    bool there = false, headless = false;
    std::vector<IpAddr> addresses;
    std::vector<Port> ports;
    std::optional<Name> external;
    std::map<std::string, Slice> slices;
  };
  /// What there is for a question: whether the name is there at all, and records, some of other types.
  struct Found {
    bool there = false;
    std::vector<Record> records, additional;
  };

  void drop_if_empty(const Key& key);
  /// The PTR records of a Service's own addresses, of one slice, or of all: made or taken away.
  enum class Point : std::uint8_t { add, remove };
  void point(Point what, const IpAddr& address, Name name);
  void point(Point what, const Key& key, const Entry& entry, const Slice& slice);
  void point_all(Point what, const Key& key, const Entry& entry);
  [[nodiscard]] Name name_of(const Key& key) const;

  [[nodiscard]] std::optional<Answer> answer(const Question& question, unsigned aliases) const;
  [[nodiscard]] Answer finished(const Question& question, Found found, unsigned aliases) const;
  [[nodiscard]] Found at(const Labels& labels, const Question& question) const;
  [[nodiscard]] Found below_svc(const Labels& labels, const Question& question) const;
  [[nodiscard]] static Found of_addresses(const Entry& entry, const Labels& labels, const Question& question);
  [[nodiscard]] static Found of_hosts(const Entry& entry, const Labels& labels, const Question& question);
  [[nodiscard]] static Found below_pod(const Labels& labels, const Question& question);

  Name domain_, svc_;
  std::vector<IpAddr> servers_;
  std::map<Key, Entry> entries_;
  std::map<Key, std::string> owners_;  ///< the Service that a slice was last of: its label may change
  std::map<IpAddr, std::vector<Name>> pointers_;  ///< one as often as slices say it
  std::uint32_t serial_ = 1;
};

}  // namespace podwire::dns
