#pragma once
#include <set>
#include <string_view>
#include <utility>

#include "server/store/object.h"

namespace podwire::server {

/// (ns, name): the order of a resource's objects.
using NameView = std::pair<std::string_view, std::string_view>;

[[nodiscard]] inline NameView name_of(const Object& object) { return {object.key.ns, object.key.name}; }

/// The current objects of one resource, ordered by (ns, name).
class Collection {
 public:
  /// The place of an object; its name is read from the object itself, so that it is stored once.
  struct Slot {
    mutable ObjectPtr object;  ///< replaced by states of the same name only: the order stays
  };
  struct ByName {
    using is_transparent = void;
    static NameView name(const Slot& slot) { return name_of(*slot.object); }
    static NameView name(const NameView& view) { return view; }
    bool operator()(const auto& a, const auto& b) const { return name(a) < name(b); }
  };
  using Slots = std::set<Slot, ByName>;

  [[nodiscard]] ObjectPtr get(const NameView& name) const;
  /// True: there was none of that name.
  bool put(ObjectPtr object);
  void erase(const NameView& name);

  [[nodiscard]] const Slots& slots() const { return slots_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  Slots slots_;
  std::size_t bytes_ = 0;
};

}  // namespace podwire::server
