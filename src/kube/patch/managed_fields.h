#pragma once
#include <chrono>
#include <string>

#include "kube/json.h"
#include "kube/schema.h"

namespace podwire::kube {

/// Who writes an object, and when.
struct Writer {
  std::string manager;      ///< "": unknown
  std::string subresource;  ///< "status", "scale"; "" for the object itself
  std::string api_version;
  std::chrono::sys_seconds now;
};

/// After a create (`before` is empty) or an update: makes `writer` the owner of what it changed, in
/// `after`.metadata.managedFields; fields that it changed or removed are no longer others'. Who owned what
/// until now is what `after` came with, if that is sound and no subresource is written, else what `before`
/// has. An empty list (or one empty entry) in an update forgets all owners; from then on nobody is written
/// down until somebody applies. Costs one walk through both objects when nothing changed.
void update_managed_fields(const Message& message, const json::object& before, json::object& after,
                           const Writer& writer);

}  // namespace podwire::kube
