#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "kube/json.h"
#include "kube/status.h"

namespace podwire::client {

namespace json = kube::json;

/// A body as the API writes them; nullopt: not JSON, or nested deeper than any object of Kubernetes is.
[[nodiscard]] std::optional<json::value> parsed(std::string_view text);

/// A meta/v1 Status as a server sent it. What it leaves out follows from `code`, if only in part.
[[nodiscard]] kube::Status status_from(const json::object& object, int code);

/// What an answer with the HTTP status `code` (not 2xx) says, whoever gave it: a Status, the text of a proxy,
/// or nothing at all.
[[nodiscard]] kube::Status refusal_from(int code, std::string_view body);

/// There was no answer, or none that makes sense: code 0.
[[nodiscard]] kube::Status no_answer(std::string message);

/// The revision asked for is one that the server has not reached: it lost some, or another one did.
[[nodiscard]] bool is_from_the_future(const kube::Status& status);

/// "403 Forbidden: pods is forbidden: ...", for a log.
[[nodiscard]] std::string sentence(const kube::Status& status);

}  // namespace podwire::client
