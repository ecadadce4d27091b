#include "control/endpoint_slices.h"

#include <algorithm>

#include "control/ownership.h"
#include "control/service_endpoints.h"

namespace podwire::control {

namespace {

using kube::EndpointSlice;

std::optional<Family> family_of(const EndpointSlice& slice) {
  if (slice.address_type == "IPv4") return Family::v4;
  if (slice.address_type == "IPv6") return Family::v6;
  return std::nullopt;
}

kube::TextMap wanted_labels(const kube::Service& service) {
  auto labels = service.meta.labels;
  std::erase_if(labels, [](const auto& label) { return label.first == kHeadlessLabel; });
  kube::set(labels, kServiceNameLabel, service.meta.name);
  kube::set(labels, kManagedByLabel, kSliceController);
  if (service.headless) kube::set(labels, kHeadlessLabel, "");
  return labels;
}

/// A slice as it was (nullptr: a new one) and as it is to be.
struct Draft {
  const EndpointSlice* old = nullptr;
  std::vector<kube::Endpoint> endpoints;

  [[nodiscard]] bool changed() const { return old == nullptr || old->endpoints != endpoints; }
  [[nodiscard]] std::size_t room() const { return kMaxEndpointsPerSlice - endpoints.size(); }
};

struct Group {
  SliceGroup key;
  std::vector<Draft> drafts;
};

/// What stays where it is; endpoints found in a slice leave `missing`. A slice that had too many loses some.
Draft keep(const EndpointSlice& slice, const EndpointsByPod& wanted, EndpointsByPod& missing) {
  Draft draft{.old = &slice, .endpoints = {}};
  for (const auto& endpoint : slice.endpoints) {
    const auto key = key_of(endpoint);
    if (missing.erase(key) == 0) continue;
    if (draft.room() > 0) {
      draft.endpoints.push_back(wanted.at(key));
    } else {
      missing.emplace(key, wanted.at(key));
    }
  }
  return draft;
}

void move_into(Draft& draft, EndpointsByPod& missing) {
  while (draft.room() > 0 && !missing.empty()) {
    draft.endpoints.push_back(std::move(missing.begin()->second));
    missing.erase(missing.begin());
  }
}

/// New endpoints go where a write is due anyway, then into the one slice that is left fullest by taking them
/// all, then into new slices.
void place(std::vector<Draft>& drafts, EndpointsByPod& missing) {
  for (auto& draft : drafts)
    if (draft.changed()) move_into(draft, missing);
  if (missing.empty()) return;
  Draft* best = nullptr;
  for (auto& draft : drafts)
    if (draft.room() >= missing.size() && (best == nullptr || draft.room() < best->room())) best = &draft;
  if (best != nullptr) move_into(*best, missing);
  while (!missing.empty()) move_into(drafts.emplace_back(), missing);
}

class Slices {
 public:
  explicit Slices(const EndpointSliceView& view) : view_(view), labels_(wanted_labels(view.service)) {
    for (const auto* slice : view.slices)
      if (kube::text_of(slice->meta.labels, kManagedByLabel) == kSliceController && !slice->meta.deleted)
        mine_.push_back(slice);
    std::ranges::sort(mine_, {}, [](const EndpointSlice* s) -> const std::string& { return s->meta.name; });
  }

  Actions reconcile() {
    std::vector<Group> groups;
    if (view_.service.type != "ExternalName" && !view_.service.meta.deleted) {
      const auto wanted = wanted_endpoints(view_.service, view_.pods, view_.zone_of_node);
      for (const auto& [key, endpoints] : wanted) groups.push_back(fit(key, endpoints));
    }
    for (auto& group : groups) write(group);
    for (const auto* slice : mine_)
      actions_.emplace_back(Delete{
          "endpointslices.discovery.k8s.io", slice->meta.namespace_, slice->meta.name, slice->meta.uid, {}});
    return std::move(actions_);
  }

 private:
  /// Takes the group's slices out of mine_; those that would be empty go back there, to be used otherwise.
  Group fit(const SliceGroup& key, const EndpointsByPod& wanted) {
    Group group{.key = key, .drafts = {}};
    auto missing = wanted;
    std::erase_if(mine_, [&](const EndpointSlice* slice) {
      auto ports = slice->ports;
      std::ranges::sort(ports);
      if (family_of(*slice) != key.family || ports != key.ports) return false;
      group.drafts.push_back(keep(*slice, wanted, missing));
      return true;
    });
    place(group.drafts, missing);
    if (group.drafts.empty()) group.drafts.emplace_back();
    std::size_t left = group.drafts.size();
    std::erase_if(group.drafts, [&](const Draft& draft) {
      if (!draft.endpoints.empty() || left == 1) return false;
      --left;
      mine_.push_back(draft.old);
      return true;
    });
    return group;
  }

  /// A slice that nothing else needs takes the place of a new one.
  const EndpointSlice* spare(Family family) {
    const auto at =
        std::ranges::find(mine_, std::optional(family), [](const auto* s) { return family_of(*s); });
    if (at == mine_.end()) return nullptr;
    const auto* slice = *at;
    mine_.erase(at);
    return slice;
  }

  void write(Group& group) {
    for (auto& draft : group.drafts) {
      const bool fresh = draft.old == nullptr;
      if (fresh) draft.old = spare(group.key.family);
      if (draft.old == nullptr) {
        create(group.key, std::move(draft.endpoints));
      } else if (fresh || draft.changed() || draft.old->meta.labels != labels_ || !owned(*draft.old)) {
        update(group.key, draft);
      }
    }
  }

  [[nodiscard]] bool owned(const EndpointSlice& slice) const {
    return std::ranges::find(slice.meta.owners, view_.service.meta.uid, &kube::OwnerReference::uid) !=
           slice.meta.owners.end();
  }

  [[nodiscard]] EndpointSlice slice_of(const SliceGroup& key, std::vector<kube::Endpoint> endpoints) const {
    EndpointSlice slice;
    slice.meta.labels = labels_;
    slice.meta.owners = {controller_reference("v1", "Service", view_.service.meta)};
    if (view_.trigger)
      kube::set(slice.meta.annotations, kTriggerTimeAnnotation, kube::micro_time_text(*view_.trigger));
    slice.address_type = name_of(key.family);
    slice.endpoints = std::move(endpoints);
    slice.ports = key.ports;
    return slice;
  }

  void create(const SliceGroup& key, std::vector<kube::Endpoint> endpoints) {
    auto slice = slice_of(key, std::move(endpoints));
    slice.meta.generate_name = view_.service.meta.name + "-";
    slice.meta.namespace_ = view_.service.meta.namespace_;
    actions_.emplace_back(
        Create{"endpointslices.discovery.k8s.io", slice.meta.namespace_, kube::to_json(slice), "", "", {}});
  }

  void update(const SliceGroup& key, Draft& draft) {
    const auto& old = draft.old->meta;
    auto merge = kube::to_json(slice_of(key, std::move(draft.endpoints)));
    merge.erase("addressType");
    auto& metadata = merge["metadata"].get_object();
    metadata["resourceVersion"] = old.resource_version;
    for (const auto& [name, value] : old.labels)
      if (kube::find(labels_, name) == nullptr) metadata["labels"].get_object()[name] = nullptr;
    if (!view_.trigger && kube::find(old.annotations, kTriggerTimeAnnotation) != nullptr)
      metadata["annotations"] = {{kTriggerTimeAnnotation, nullptr}};
    actions_.emplace_back(
        Patch{"endpointslices.discovery.k8s.io", old.namespace_, old.name, "", std::move(merge)});
  }

  const EndpointSliceView& view_;
  kube::TextMap labels_;
  std::vector<const EndpointSlice*> mine_;  // not used so far
  Actions actions_;
};

}  // namespace

Actions reconcile_endpoint_slices(const EndpointSliceView& view) {
  if (view.service.selector.empty() && view.service.type != "ExternalName") return {};
  return Slices(view).reconcile();
}

}  // namespace podwire::control
