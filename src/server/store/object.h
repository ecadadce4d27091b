#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/status.h"

namespace podwire::server {

/// Where an object is: "pods", "default", "web-0"; resources of a group as "deployments.apps". A cluster-wide
/// object's ns is empty. Ordered as lists are.
struct Key {
  std::string resource, ns, name;
  friend auto operator<=>(const Key&, const Key&) = default;
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// One revision of an object, immutable and shared: its JSON as clients get it (metadata.resourceVersion
/// included, in canonical encoding), and what selectors and controllers look for without parsing it.
struct Object {
  Key key;
  std::uint64_t revision = 0;  ///< resourceVersion
  std::uint64_t created = 0;   ///< the revision of its first state, the same as long as it lives
  std::string json;
  Pairs labels;  ///< sorted by key
  Pairs fields;  ///< what field selectors of this resource may ask ("spec.nodeName"), sorted by key
};
using ObjectPtr = std::shared_ptr<const Object>;

/// What an object costs, about: for limits and metrics.
[[nodiscard]] std::size_t bytes_of(const Object& object);

enum class EventType : std::uint8_t { added, modified, deleted };

/// One change. `object` of a deletion is the last state with the deletion's own revision.
struct Event {
  EventType type;
  ObjectPtr object;
  ObjectPtr previous;  ///< before it; nullptr for added
};

/// One object to write or, with `object` nullopt, to delete.
struct Write {
  Key key;
  /// What the writer has seen: the revision that is replaced or deleted, 0: must not exist yet. The commit is
  /// refused when it is another one.
  std::uint64_t seen = 0;
  std::optional<boost::json::object> object;  ///< metadata.resourceVersion is set by the store
  Pairs labels, fields;                       ///< in any order; each key once
};

/// All writes of a commit happen, or none. Called back once, on the store's thread: with the commit's
/// objects (one for each write, in order) when they are as durable as the store is, or with the reason why
/// nothing happened.
using Committed = std::function<void(kube::Answer<std::vector<ObjectPtr>>)>;

}  // namespace podwire::server
