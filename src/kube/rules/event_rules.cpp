#include <fmt/format.h>

#include "kube/rules/kinds.h"
#include "kube/rules/object_meta.h"

namespace podwire::kube {
namespace {

constexpr std::size_t kShortText = 128, kNote = 1024;

/// The two forms of an event differ in names only; refusals name the fields of the older one.
struct Form {
  std::string_view about, note, controller;
};
constexpr Form kCore{"involvedObject", "message", "reportingComponent"};
constexpr Form kEvents{"regarding", "note", "reportingController"};

void check_length(const FieldCursor& field, std::size_t most) {
  if (field.size() > most) field.invalid("\"\"", fmt::format("can have at most {} characters", most));
}

void check_text(const FieldCursor& field) {
  if (field.empty()) field.required();
  check_length(field, kShortText);
}

void check_common(const FieldCursor& object, const Form& form) {
  const auto ns = object["metadata"]["namespace"].text();
  const auto about = object[form.about]["namespace"].text();
  const auto mismatch = [&] {
    object["involvedObject"]["namespace"].invalid(quoted(about), "does not match event.namespace");
  };
  if (object["eventTime"].empty()) {  // as recorders wrote them before events.k8s.io
    if (about.empty() ? !ns.empty() && ns != "default" : ns != about) mismatch();
    return;
  }
  if (about.empty() && ns != "default" && ns != "kube-system") mismatch();
  const auto controller = object["reportingController"].with_value(object[form.controller].value());
  if (controller.empty()) controller.required();
  check(controller, controller.text(), qualified_name(controller.text()));
  check_text(object["reportingInstance"]);
  check_text(object["action"]);
  check_text(object["reason"]);
  check_length(object["message"].with_value(object[form.note].value()), kNote);
}

/// What events.k8s.io/v1 asks for beyond that.
void check_strictly(const FieldCursor& object) {
  if (object["eventTime"].empty()) object["eventTime"].required();
  if (const auto type = object["type"].text(); type != "Normal" && type != "Warning")
    object["type"].invalid("\"\"", fmt::format("has invalid value: {}", type));
  if (const auto series = object["series"]; series.present()) {
    if (series["count"].number() < 2) series["count"].invalid("\"\"", "should be at least 2");
    if (series["lastObservedTime"].empty()) series["lastObservedTime"].required();
  }
  constexpr std::pair<std::string_view, std::string_view> kOlder[] = {
      {"deprecatedFirstTimestamp", "firstTimestamp"},
      {"deprecatedLastTimestamp", "lastTimestamp"},
      {"deprecatedSource", "source"}};
  for (const auto& [name, said] : kOlder)
    if (!same(object[name].value(), nullptr)) object[said].invalid("\"\"", "needs to be unset");
  if (object["deprecatedCount"].number() != 0) object["count"].invalid("\"\"", "needs to be unset");
}

}  // namespace

void check_core_event(const FieldCursor& object, const CheckContext&) { check_common(object, kCore); }

void check_event(const FieldCursor& object, const CheckContext& context) {
  check_common(object, kEvents);
  if (context.old == nullptr) return check_strictly(object);
  for (const std::string_view name : {"regarding", "reason", "note", "type", "eventTime", "action", "related",
                                      "reportingController", "reportingInstance"})
    check_unchanged(object[name], context.old->if_contains(name));
}

void check_lease(const FieldCursor& object, const CheckContext&) {
  const auto spec = object["spec"];
  const auto duration = spec["leaseDurationSeconds"];
  if (duration.present() && duration.number() <= 0) duration.invalid("must be greater than 0");
  check_non_negative(spec["leaseTransitions"]);
  const auto strategy = spec["strategy"];
  if (!strategy.empty() && !strategy.text().contains('/'))
    check_one_of(strategy, {"OldestEmulationVersion"});
  else if (!strategy.empty())
    check(strategy, qualified_name(strategy.text()));
  if (!spec["preferredHolder"].empty() && strategy.empty())
    spec["preferredHolder"].forbidden("may only be specified if `strategy` is defined");
}

}  // namespace podwire::kube
