#pragma once
#include <string>
#include <string_view>

#include "kube/status.h"

namespace podwire::server {

/// In which form a client wants an answer; all are JSON.
enum class Form : std::uint8_t {
  object,        ///< as it is
  table,         ///< meta.k8s.io/v1 Table, for people
  partial,       ///< meta.k8s.io/v1 PartialObjectMetadata(List)
  discovery_v2,  ///< apidiscovery.k8s.io/v2 APIGroupDiscoveryList
};

/// The first of the Accept header's media types that the server has: clients name a form that they like
/// before plain JSON. Protobuf alone is refused (406): every client that asks for it takes JSON too, but says
/// so.
[[nodiscard]] kube::Answer<Form> accepted_form(std::string_view accept);

/// What a request's body is in.
enum class BodyType : std::uint8_t { json, protobuf, json_patch, merge_patch, strategic_patch, apply_patch };

/// Of a Content-Type header; absent means JSON, as curl users expect. 415 for others.
[[nodiscard]] kube::Answer<BodyType> body_type(std::string_view content_type);

}  // namespace podwire::server
