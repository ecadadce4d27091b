#pragma once
#include "kube/types/object_meta.h"

namespace podwire::kube {

/// A piece of the cluster CIDR that one node has for its pods (podwire.io).
struct AddressBlock {
  ObjectMeta meta;
  std::optional<Cidr> cidr;
  std::string node_name;
  friend bool operator==(const AddressBlock&, const AddressBlock&) = default;
};

void read(const Place& place, AddressBlock& into);
[[nodiscard]] Result<AddressBlock> address_block_from(const json::value& object);

}  // namespace podwire::kube
