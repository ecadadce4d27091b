#include "client/watch_event.h"

#include <charconv>

namespace podwire::client {
namespace {

std::optional<WatchEvent::Type> type_of(std::string_view text) {
  if (text == "ADDED") return WatchEvent::Type::added;
  if (text == "MODIFIED") return WatchEvent::Type::modified;
  if (text == "DELETED") return WatchEvent::Type::deleted;
  if (text == "BOOKMARK") return WatchEvent::Type::bookmark;
  return std::nullopt;
}

std::unexpected<kube::Status> nonsense(std::string_view why) {
  return std::unexpected(no_answer("the watch sent what makes no sense: " + std::string(why)));
}

}  // namespace

std::optional<std::uint64_t> revision_from(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

kube::Answer<WatchEvent> watch_event_from(std::string_view line) {
  auto value = parsed(line);
  auto* event = value ? value->if_object() : nullptr;
  if (event == nullptr) return nonsense("no JSON object");
  auto* member = event->if_contains("object");
  auto* object = member != nullptr ? member->if_object() : nullptr;
  if (object == nullptr) return nonsense("an event without an object");
  const auto type = kube::text_in(*event, "type");
  if (type == "ERROR") return std::unexpected(status_from(*object, 500));
  const auto known = type_of(type);
  if (!known) return nonsense("an event of an unknown type");
  const auto revision = revision_from(kube::text_in(*object, "metadata", "resourceVersion"));
  if (!revision) return nonsense("an object whose resourceVersion is no number");
  const bool bookmark = *known == WatchEvent::Type::bookmark;
  if (!bookmark && kube::text_in(*object, "metadata", "name").empty())
    return nonsense("an object without a name");
  const bool initial_end =
      bookmark && kube::text_in(*object, "metadata", "annotations", "k8s.io/initial-events-end") == "true";
  // Constructed from it, not assigned: assigned, it would be copied into storage of its own.
  return WatchEvent{
      .type = *known, .object = std::move(*object), .revision = *revision, .initial_end = initial_end};
}

}  // namespace podwire::client
