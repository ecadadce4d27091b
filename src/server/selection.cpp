#include "server/selection.h"

#include "kube/conversion.h"
#include "server/object_meta.h"

namespace podwire::server {

Interest Selection::interest() const {
  Interest out{.resource = resource, .ns = ns, .name = std::nullopt, .fields = {}};
  for (const auto& c : fields.conditions()) {
    if (!c.equals) continue;
    if (c.field == "metadata.name")
      out.name = c.value;
    else if (c.field == "metadata.namespace")
      out.ns = c.value;
  }
  // An object that leaves a field's value is news too; only a node's name never changes once it is given.
  if (const auto node = fields.exact("spec.nodeName"); node && !node->empty())
    out.fields.emplace_back("spec.nodeName", *node);
  return out;
}

kube::Answer<Selection> selection_of(const kube::Resource& resource, std::string_view ns,
                                     const ListOptions& options) {
  Selection out{.resource = kube::storage_of(resource).str()};
  if (resource.namespaced && !ns.empty()) out.ns = ns;
  out.labels = TRY(kube::LabelSelector::parse(options.label_selector));
  out.fields = TRY(kube::FieldSelector::parse(group_resource(resource).str(), options.field_selector));
  return out;
}

}  // namespace podwire::server
