#pragma once
#include <string>
#include <vector>

#include "trace/packet.h"

namespace podwire::trace {

/// One header field that two sightings of a packet have differently.
struct Change {
  LayerKind layer;
  std::string field;   ///< as fields_of() names it: "time to live"
  std::string before;  ///< "64"
  std::string after;   ///< "63"
  friend bool operator==(const Change&, const Change&) = default;
};

/// How a packet changed between two places.
struct Comparison {
  bool comparable = false;         ///< false: these are not two sightings of one packet, nothing else is set
  std::vector<LayerKind> added;    ///< headers put round it, from the outside in
  std::vector<LayerKind> removed;  ///< headers taken off
  std::vector<Change> changes;     ///< in the headers that both have, from the outside in
  bool same_data = false;          ///< the payload is the same, byte for byte

  [[nodiscard]] bool changed(LayerKind layer, std::string_view field) const;
};

/// Aligns the two from the inside out, so that a tunnel's headers count as added or removed.
[[nodiscard]] Comparison compare(const Packet& before, const Packet& after);

/// In words, one change a line: "IPv4 time to live: 64 -> 63". "nothing changed" when nothing did.
[[nodiscard]] std::string describe(const Comparison& comparison);

}  // namespace podwire::trace
