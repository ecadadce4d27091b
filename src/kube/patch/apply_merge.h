#pragma once
#include <span>

#include "kube/patch/field_set.h"
#include "kube/patch/typed_node.h"
#include "kube/status.h"

/// The two steps of server-side apply that make the new object; see apply.h.
namespace podwire::kube {

/// Puts what `config` sets into `live`, which is at `path` of the object. Elements of sets and keyed lists
/// come in the order of the configuration, those that it does not name keep their places between them. 400
/// for a list without keys, with duplicates, or for values of another kind.
Answer<> merge_config(const TypedNode& node, json::value& live, const json::value& config,
                      const std::string& path);

/// Takes out of `value` what is in `last` (the fields that a manager applied before) but in none of `keepers`
/// (what it applies now, and what others own).
void prune_fields(const TypedNode& node, json::value& value, const FieldSet& last,
                  std::span<const FieldSet* const> keepers);

}  // namespace podwire::kube
