#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/rules/field_errors.h"

/// The shapes of names and keys, with the sentences that Kubernetes says of those that do not have them.
namespace podwire::kube {

/// What is wrong with a text; empty: nothing. Each is one sentence without the text itself.
using Complaints = std::vector<std::string>;

[[nodiscard]] Complaints dns1123_label(std::string_view text);      ///< namespaces, containers, ports
[[nodiscard]] Complaints dns1123_subdomain(std::string_view text);  ///< most objects
[[nodiscard]] Complaints dns1035_label(std::string_view text);      ///< services
[[nodiscard]] Complaints qualified_name(std::string_view text);     ///< keys of labels: "example.com/name"
[[nodiscard]] Complaints label_value(std::string_view text);
[[nodiscard]] Complaints port_name(std::string_view text);     ///< RFC 6335, 15 characters
[[nodiscard]] Complaints port_number(std::int64_t number);     ///< 1..65535
[[nodiscard]] Complaints config_key(std::string_view text);    ///< keys of ConfigMaps and Secrets
[[nodiscard]] Complaints env_var_name(std::string_view text);  ///< printable ASCII without '='
[[nodiscard]] Complaints http_header_name(std::string_view text);
[[nodiscard]] Complaints path_segment(std::string_view text);  ///< RBAC: any name that can stand in a URL
[[nodiscard]] Complaints ip_address(std::string_view text);
[[nodiscard]] Complaints cidr_block(std::string_view text);
[[nodiscard]] Complaints percent(std::string_view text);  ///< "25%"
/// "must be between 0 and 4294967295, inclusive"
[[nodiscard]] Complaints in_range(std::int64_t number, std::int64_t low, std::int64_t high);

/// Reports each complaint about a field's text as an invalid value.
void check(const FieldCursor& field, const Complaints& complaints);
/// The same, where the text shown is not the field's value (a key of a map).
void check(const FieldCursor& field, std::string_view text, const Complaints& complaints);

/// How an object's name is checked.
using NameRule = Complaints (*)(std::string_view);

/// A generateName must make a good name once the suffix is appended: what stands at its end may be a dash.
[[nodiscard]] Complaints name_prefix(NameRule rule, std::string_view prefix);

/// The alphabet of generated names: no vowels and no characters that look like others.
inline constexpr std::string_view kNameAlphabet = "bcdfghjklmnpqrstvwxz2456789";
/// Five random characters; `random(n)` gives a number below n.
[[nodiscard]] std::string name_suffix(const std::function<std::size_t(std::size_t)>& random);
/// A name from a generateName and a suffix, at most 63 characters.
[[nodiscard]] std::string generated_name(std::string_view prefix, std::string_view suffix);

}  // namespace podwire::kube
