#pragma once
#include <string>
#include <string_view>

#include "kube/json.h"
#include "kube/schema.h"
#include "kube/status.h"

namespace podwire::kube {

/// Content-Type application/vnd.kubernetes.protobuf: `k8s\0`, then a runtime.Unknown that names the kind and
/// holds the object's own message.
[[nodiscard]] bool is_protobuf(std::string_view body);

/// The JSON that the same client would have sent. A zero of a field that is no pointer in Go is not there; a
/// field that the schema does not have is refused, unless it holds nothing. 400 for what is no such frame, or
/// a kind that the schema does not have.
Answer<json::object> from_protobuf(const Schema& schema, std::string_view body);
/// The same where the kind is known from elsewhere: DeleteOptions is one of whatever group its client is made
/// for.
Answer<json::object> from_protobuf(const Schema& schema, const Message& message, std::string_view body);

/// The frame of an object of a known kind; 400 where the schema does not have it so.
Answer<std::string> to_protobuf(const Schema& schema, const json::object& object);

}  // namespace podwire::kube
