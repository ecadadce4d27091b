#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kube/json.h"
#include "kube/schema.h"
#include "kube/status.h"

namespace podwire::kube {

/// What becomes of fields that the schema does not know (the query parameter fieldValidation). They are never
/// stored.
enum class FieldValidation : std::uint8_t {
  ignore,
  warn,    ///< the client is told, in Warning headers
  strict,  ///< the request is refused
};

/// The text of a request's body: one JSON object, nested at most a hundred deep. 400 for anything else. Keys
/// that stand twice in one object are put to `duplicates` (`duplicate field "spec.type"`), if that is given;
/// the last one counts.
[[nodiscard]] Answer<json::object> parse_body(std::string_view text,
                                              std::vector<std::string>* duplicates = nullptr);

/// Checks an object against its resource's message, in place and in one pass: apiVersion and kind must be the
/// resource's (absent ones are filled in), every field known and of its type. What Go would not keep goes:
/// nulls, and zeros of fields that are neither pointers nor required; times, quantities and bytes get their
/// one spelling; unknown fields go, as `how` says, together with `duplicates` found before. Returns the
/// warnings, at most a hundred. 400 in Kubernetes' words.
[[nodiscard]] Answer<std::vector<std::string>> check_fields(const Resource& resource, json::object& object,
                                                            FieldValidation how,
                                                            std::vector<std::string> duplicates = {});

/// The same for an apply configuration, in which zeros and empty lists stay: who writes them owns them.
[[nodiscard]] Answer<std::vector<std::string>> check_config(const Resource& resource, json::object& config,
                                                            FieldValidation how,
                                                            std::vector<std::string> duplicates = {});

/// The same for a bare message, such as DeleteOptions.
[[nodiscard]] Answer<std::vector<std::string>> check_fields(const Message& message, std::string_view kind,
                                                            std::string_view version, json::object& object,
                                                            FieldValidation how,
                                                            std::vector<std::string> duplicates = {});

}  // namespace podwire::kube
