#pragma once
#include "kube/rules/field_selector.h"
#include "kube/rules/label_selector.h"
#include "kube/schema.h"
#include "server/query.h"
#include "server/store/store.h"

namespace podwire::server {

/// Which objects of a resource a list or a watch is about: the namespace (or one name) of its path, and its
/// selectors.
struct Selection {
  std::string resource;           ///< "pods", "deployments.apps"
  std::optional<std::string> ns;  ///< nullopt: all namespaces, or the resource has none
  kube::LabelSelector labels;
  kube::FieldSelector fields;

  [[nodiscard]] bool matches(const Object& object) const {
    return labels.matches(object.labels) && fields.matches(object.fields);
  }
  [[nodiscard]] bool is_all() const { return labels.selects_all() && fields.selects_all(); }
  /// What the store can look up by itself: events of other names, or of other values of exactly selected
  /// fields, do not even wake the watcher.
  [[nodiscard]] Interest interest() const;
};

/// `ns`: of the path, empty for all. 400 for selectors that cannot be read.
[[nodiscard]] kube::Answer<Selection> selection_of(const kube::Resource& resource, std::string_view ns,
                                                   const ListOptions& options);

}  // namespace podwire::server
