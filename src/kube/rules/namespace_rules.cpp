#include <algorithm>

#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"

namespace podwire::kube {

void fill_namespace(json::object& object) {
  const std::string name(text_in(object, "metadata", "name"));
  if (!name.empty()) object_at(object_at(object, "metadata"), "labels")["kubernetes.io/metadata.name"] = name;
  auto& status = object_at(object, "status");
  if (text_in(status, "phase").empty()) status["phase"] = "Active";
}

void start_namespace(json::object& object) {
  object["status"] = {{"phase", "Active"}};
  auto& finalizers = object_at(object, "spec")["finalizers"];
  auto& list = finalizers.is_array() ? finalizers.get_array() : finalizers.emplace_array();
  if (std::ranges::find(list, json::value("kubernetes")) == list.end()) list.emplace_back("kubernetes");
}

void check_namespace(const FieldCursor& object, const CheckContext&) {
  const auto finalizers = object["spec"]["finalizers"];
  finalizers.each([&](const FieldCursor& one) {
    check(finalizers, one.text(), qualified_name(one.text()));
    if (!one.text().contains('/') && one.text() != "kubernetes" && one.text() != "orphan" &&
        one.text() != "foregroundDeletion")
      finalizers.invalid(quoted(one.text()),
                         "name is neither a standard finalizer name nor is it fully qualified");
  });
}

void check_namespace_status(const FieldCursor& object, const CheckContext&) {
  const auto phase = object["status"]["phase"];
  const auto wrong = [&](std::string_view why) {
    object["status"]["Phase"].invalid(quoted(phase.text()), why);
  };
  if (object["metadata"]["deletionTimestamp"].empty()) {
    if (phase.text() != "Active") wrong("may only be 'Active' if `deletionTimestamp` is empty");
  } else if (phase.text() != "Terminating") {
    wrong("may only be 'Terminating' if `deletionTimestamp` is not empty");
  }
}

}  // namespace podwire::kube
