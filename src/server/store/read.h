#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/store/object.h"

namespace podwire::server {

/// Why a revision cannot be read or watched from: too old, the events since then are forgotten (410); or not
/// given out yet (a client that knew this server before its storage was lost).
enum class Unserved : std::uint8_t { expired, future };

template <class T>
using Read = std::expected<T, Unserved>;

/// Which objects of a resource, as of when.
struct ListQuery {
  std::string resource;
  std::optional<std::string> ns;                             ///< nullopt: all namespaces
  std::optional<std::pair<std::string, std::string>> after;  ///< (ns, name): only what is ordered after it
  std::uint64_t revision = 0;                                ///< exactly as of this revision; 0: now
  std::size_t limit = 0;                                     ///< at most so many items; 0: all
  std::function<bool(const Object&)> matches;                ///< empty: all
};

/// A list as of one revision. The next page is the same query with `after` the last item's (ns, name) and
/// this `revision`.
struct Page {
  std::vector<ObjectPtr> items;  ///< by (ns, name)
  std::uint64_t revision = 0;
  bool more = false;          ///< `limit` cut it off
  std::size_t remaining = 0;  ///< so many more; not counted (0) when the query has `matches`
};

}  // namespace podwire::server
