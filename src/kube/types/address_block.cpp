#include "kube/types/address_block.h"

namespace podwire::kube {

void read(const Place& place, AddressBlock& into) {
  place.field("metadata", into.meta);
  if (const auto spec = place.at("spec")) {
    spec->field("cidr", into.cidr);
    spec->field("nodeName", into.node_name);
  }
}

Result<AddressBlock> address_block_from(const json::value& object) {
  return typed_from<AddressBlock>(object);
}

}  // namespace podwire::kube
