#pragma once
#include <string>
#include <string_view>

#include "kube/schema.h"

namespace podwire::kube {

/// A kind by its name.
struct KindName {
  std::string_view group, version, kind;

  [[nodiscard]] std::string api_version() const;
};

/// What stands below an object's path ("pods/web-0/log"): what it speaks, and how it is used. One table, for
/// discovery and OpenAPI alike; which resources have which is in the schema.
struct Subresource {
  std::string_view name;
  KindName kind;  ///< of its bodies; empty: its resource's
  enum class Use : std::uint8_t {
    read_write,  ///< GET, PUT, PATCH
    write,       ///< PUT
    create,      ///< POST
    text,        ///< GET, plain text
    connect,     ///< GET or POST, and the connection becomes a stream
  } use = Use::read_write;
};

/// A name that the table does not have is a part of its resource that is read and written (`status`).
[[nodiscard]] const Subresource& subresource_named(std::string_view name);
/// The kind of its bodies. A view into both.
[[nodiscard]] KindName spoken_kind(const Resource& resource, const Subresource& subresource);

}  // namespace podwire::kube
