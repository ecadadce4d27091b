#pragma once
#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/storage_ptr.hpp>
#include <cstddef>

namespace podwire::kube {

/// Room for the tree of a text of that size, in one piece, which is given back when the last part of the tree
/// is gone: for trees that are read and thrown away. What is taken out of one stays in that room: copy it
/// into a value of its own to keep it.
[[nodiscard]] inline boost::json::storage_ptr tree_room(std::size_t text_size) {
  return boost::json::make_shared_resource<boost::json::monotonic_resource>(
      std::max<std::size_t>(512, 2 * text_size));
}

}  // namespace podwire::kube
