#include "server/store/collection.h"

namespace podwire::server {

ObjectPtr Collection::get(const NameView& name) const {
  auto found = slots_.find(name);
  return found == slots_.end() ? nullptr : found->object;
}

bool Collection::put(ObjectPtr object) {
  bytes_ += bytes_of(*object);
  auto found = slots_.lower_bound(name_of(*object));
  if (found != slots_.end() && name_of(*found->object) == name_of(*object)) {
    bytes_ -= bytes_of(*found->object);
    found->object = std::move(object);
    return false;
  }
  slots_.emplace_hint(found, std::move(object));
  return true;
}

void Collection::erase(const NameView& name) {
  auto found = slots_.find(name);
  if (found == slots_.end()) return;
  bytes_ -= bytes_of(*found->object);
  slots_.erase(found);
}

}  // namespace podwire::server
