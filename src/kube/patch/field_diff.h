#pragma once
#include "kube/patch/field_set.h"
#include "kube/schema.h"

namespace podwire::kube {

struct FieldDiff {
  FieldSet changed;  ///< new, or with another value
  FieldSet removed;  ///< the topmost field of each tree that is gone

  [[nodiscard]] bool empty() const { return changed.empty() && removed.empty(); }
};

/// What a writer did who made `after` of `before`: one walk through both. Without the fields that nobody
/// owns: apiVersion, kind, and what of the metadata is the server's own.
[[nodiscard]] FieldDiff diff_fields(const Message& message, const json::object& before,
                                    const json::object& after);
/// The fields that a configuration sets, for who applies it. Without those that nobody owns or the schema
/// does not know.
[[nodiscard]] FieldSet fields_of(const Message& message, const json::object& config);

}  // namespace podwire::kube
