#include "trace/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "trace/fields.h"

namespace podwire::trace {
namespace {

/// The headers and the data, without what only fills a frame up.
std::vector<const Layer*> own_layers(const Packet& packet) {
  std::vector<const Layer*> out;
  for (const auto& layer : packet.layers)
    if (layer.kind != LayerKind::padding) out.push_back(&layer);
  return out;
}

std::vector<LayerKind> kinds(std::span<const Layer* const> layers) {
  std::vector<LayerKind> out;
  for (const auto* layer : layers) out.push_back(layer->kind);
  return out;
}

void compare_layers(const Layer& before, const Layer& after, std::vector<Change>& changes) {
  const auto was = fields_of(before);
  const auto is = fields_of(after);
  const auto value_in = [](const std::vector<Field>& fields, const std::string& name) {
    const auto it = std::ranges::find(fields, name, &Field::name);
    return it == fields.end() ? std::string() : it->value;
  };
  for (const auto& field : was)
    if (const auto now = value_in(is, field.name); now != field.value)
      changes.push_back({before.kind, field.name, field.value, now});
  for (const auto& field : is)
    if (std::ranges::find(was, field.name, &Field::name) == was.end())
      changes.push_back({before.kind, field.name, "", field.value});
}

std::string_view or_absent(const std::string& value) {
  return value.empty() ? "(absent)" : std::string_view(value);
}

}  // namespace

bool Comparison::changed(LayerKind layer, std::string_view field) const {
  return std::ranges::any_of(changes, [&](const Change& c) { return c.layer == layer && c.field == field; });
}

Comparison compare(const Packet& before, const Packet& after) {
  const auto was = own_layers(before);
  const auto is = own_layers(after);
  const std::size_t common = std::min(was.size(), is.size());
  const auto was_inner = std::span(was).last(common);
  const auto is_inner = std::span(is).last(common);
  Comparison out;
  out.comparable = common > 0 && kinds(was_inner) == kinds(is_inner);
  if (!out.comparable) return out;
  out.added = kinds(std::span(is).first(is.size() - common));
  out.removed = kinds(std::span(was).first(was.size() - common));
  for (std::size_t i = 0; i < common; ++i) compare_layers(*was_inner[i], *is_inner[i], out.changes);
  const auto data = [](const Packet& packet, const Layer& last) {
    return last.kind == LayerKind::data ? packet.bytes_of(last) : std::span<const std::byte>();
  };
  out.same_data = std::ranges::equal(data(before, *was.back()), data(after, *is.back()));
  return out;
}

std::string describe(const Comparison& c) {
  if (!c.comparable) return "not the same packet\n";
  std::string out;
  for (const auto kind : c.added) out += fmt::format("{} header put round it\n", name_of(kind));
  for (const auto kind : c.removed) out += fmt::format("{} header taken off\n", name_of(kind));
  for (const auto& change : c.changes)
    out += fmt::format("{} {}: {} -> {}\n", name_of(change.layer), change.field, or_absent(change.before),
                       or_absent(change.after));
  if (!c.same_data) out += "the data is not the same\n";
  return out.empty() ? "nothing changed\n" : out;
}

}  // namespace podwire::trace
