#include <algorithm>
#include <cctype>

#include "kube/table/cells.h"
#include "kube/table/human_time.h"

// Events of both groups: v1 has involvedObject, message, source and timestamps where events.k8s.io/v1 has
// regarding, note, reportingController and the same as deprecated...
namespace podwire::kube {
namespace {

/// One field by either name.
std::string_view either(const json::object& event, std::string_view core, std::string_view events) {
  return or_else(text_in(event, core), text_in(event, events));
}

const json::object* object_of(const json::object& event, std::string_view core, std::string_view events) {
  const auto* found = object_in(event, core);
  return found != nullptr ? found : object_in(event, events);
}

std::string target_text(const json::object* target) {
  if (target == nullptr) return "";
  std::string out(text_in(*target, "kind"));
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  if (const auto name = text_in(*target, "name"); !name.empty()) out += "/" + std::string(name);
  return out;
}

/// "scheduler, node-1": who reported it, and where that ran.
std::string source_text(const json::object& event) {
  const auto* source = object_of(event, "source", "deprecatedSource");
  static const json::object kNone;
  if (source == nullptr) source = &kNone;
  std::string out(
      or_else(text_in(*source, "component"), either(event, "reportingComponent", "reportingController")));
  const auto host = or_else(text_in(*source, "host"), text_in(event, "reportingInstance"));
  if (!host.empty()) out += ", " + std::string(host);
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

json::array event_cells(const json::object& event, std::chrono::sys_seconds now) {
  const auto first =
      or_else(either(event, "firstTimestamp", "deprecatedFirstTimestamp"), text_in(event, "eventTime"));
  auto last = or_else(either(event, "lastTimestamp", "deprecatedLastTimestamp"), first);
  auto count = std::max(number_in(event, "count"), number_in(event, "deprecatedCount"));
  if (const auto* series = object_in(event, "series")) {
    last = text_in(*series, "lastObservedTime");
    count = number_in(*series, "count");
  } else if (count == 0) {
    count = 1;  // one that stands alone need not be counted
  }
  const auto* target = object_of(event, "involvedObject", "regarding");
  return {time_since(last, now),
          text_in(event, "type"),
          text_in(event, "reason"),
          target_text(target),
          target != nullptr ? text_in(*target, "fieldPath") : std::string_view(),
          source_text(event),
          trimmed(either(event, "message", "note")),
          time_since(first, now),
          count,
          name_of(event)};
}

}  // namespace

const Layout& event_layout() {
  static const Layout layout{{{"Last Seen", "string", "", "How long ago it happened last."},
                              {"Type", "string", "", "Normal or Warning."},
                              {"Reason", "string", "", "Why, in one word that programs know."},
                              {"Object", "string", "", "What it happened to."},
                              {"Subobject", "string", "", "The part of the object that it happened to.", 1},
                              {"Source", "string", "", "Who reported it.", 1},
                              {"Message", "string", "", "What happened, in words."},
                              {"First Seen", "string", "", "How long ago it happened first.", 1},
                              {"Count", "string", "", "How often it happened.", 1},
                              {"Name", "string", "name", "What the object is called.", 1}},
                             event_cells};
  return layout;
}

}  // namespace podwire::kube
