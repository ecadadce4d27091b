#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "kube/schema.h"
#include "server/media_type.h"
#include "server/store/read.h"

namespace podwire::server {

/// What a table row's `object` holds (?includeObject=).
enum class RowObject : std::uint8_t { none, metadata, whole };

/// How one client wants the objects of one resource. As JSON text, ready to be sent; stored objects are not
/// parsed for Form::object.
struct Encoding {
  const kube::Resource* resource = nullptr;
  Form form = Form::object;
  RowObject row_object = RowObject::metadata;

  [[nodiscard]] std::string object(const Object& object, std::chrono::sys_seconds now) const;
  /// A list (PodList, Table, PartialObjectMetadataList) is its beginning, its items with commas between them,
  /// and "]}". `continue_token` empty: there is no more.
  [[nodiscard]] std::string list_begin(const Page& page, std::string_view continue_token) const;
  [[nodiscard]] std::string list_item(const Object& object, std::chrono::sys_seconds now) const;
  /// A line of a watch stream, with its newline. `columns`: a table says them once, in its first event.
  [[nodiscard]] std::string event(std::string_view type, const Object& object, std::chrono::sys_seconds now,
                                  bool columns) const;
  /// "Nothing of interest up to here"; with `initial_end` also: all that was there at the start has been
  /// sent.
  [[nodiscard]] std::string bookmark(std::uint64_t revision, bool initial_end, bool columns) const;

 private:
  [[nodiscard]] std::string text(const Object& object) const;  ///< Form::object or Form::partial
};

/// The last line of a watch that cannot go on.
[[nodiscard]] std::string error_event(const kube::Status& status);

}  // namespace podwire::server
