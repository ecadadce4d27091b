#include "kube/rules/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/addr.h"

namespace podwire::kube {
namespace {

constexpr std::size_t kLabelLength = 63, kSubdomainLength = 253, kPortNameLength = 15;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_alnum(char c) { return is_lower(c) || is_digit(c); }
bool is_alnum(char c) { return is_lower_alnum(c) || is_upper(c); }

/// Non-empty, `end` at both ends and `end` or one of `inner` in between.
template <class End>
bool has_shape(std::string_view text, End end, std::string_view inner) {
  return !text.empty() && end(text.front()) && end(text.back()) &&
         std::ranges::all_of(text, [&](char c) { return end(c) || inner.contains(c); });
}

bool is_dns_label(std::string_view text) { return has_shape(text, is_lower_alnum, "-"); }

bool is_dns_subdomain(std::string_view text) {
  for (;;) {
    const auto dot = text.find('.');
    if (!is_dns_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_qualified_part(std::string_view text) { return has_shape(text, is_alnum, "-_."); }

std::string at_most(std::size_t length) { return fmt::format("must be no more than {} bytes", length); }

constexpr std::string_view kLabelSentence =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and "
    "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kSubdomainSentence =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view k1035Sentence =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
    "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kQualifiedSentence =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kLabelValueSentence =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr std::string_view kConfigKeySentence =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
constexpr std::string_view kHeaderSentence =
    "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used "
    "for "
    "validation is '[-A-Za-z0-9]+')";
constexpr std::string_view kPercentSentence =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex "
    "used for validation is '[0-9]+%')";

void say(Complaints& out, bool wrong, std::string_view sentence) {
  if (wrong) out.emplace_back(sentence);
}

void check_length(Complaints& out, std::string_view text, std::size_t most) {
  if (text.size() > most) out.push_back(at_most(most));
}

}  // namespace

Complaints dns1123_label(std::string_view text) {
  Complaints out;
  check_length(out, text, kLabelLength);
  if (!is_dns_label(text))
    out.emplace_back(is_dns_subdomain(text) ? "must not contain dots" : kLabelSentence);
  return out;
}

Complaints dns1123_subdomain(std::string_view text) {
  Complaints out;
  check_length(out, text, kSubdomainLength);
  say(out, !is_dns_subdomain(text), kSubdomainSentence);
  return out;
}

Complaints dns1035_label(std::string_view text) {
  Complaints out;
  check_length(out, text, kLabelLength);
  say(out, !is_dns_label(text) || !is_lower(text.front()), k1035Sentence);
  return out;
}

Complaints qualified_name(std::string_view text) {
  Complaints out;
  auto name = text;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const auto prefix = text.substr(0, slash);
    name = text.substr(slash + 1);
    if (name.contains('/')) {
      out.push_back(fmt::format(
          "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
          kQualifiedSentence));
      return out;
    }
    if (prefix.empty())
      out.emplace_back("prefix part must be non-empty");
    else
      for (const auto& complaint : dns1123_subdomain(prefix)) out.push_back("prefix part " + complaint);
  }
  if (name.empty())
    out.emplace_back("name part must be non-empty");
  else if (name.size() > kLabelLength)
    out.push_back("name part " + at_most(kLabelLength));
  if (!is_qualified_part(name)) out.push_back(fmt::format("name part {}", kQualifiedSentence));
  return out;
}

Complaints label_value(std::string_view text) {
  Complaints out;
  check_length(out, text, kLabelLength);
  say(out, !text.empty() && !is_qualified_part(text), kLabelValueSentence);
  return out;
}

Complaints port_name(std::string_view text) {
  Complaints out;
  check_length(out, text, kPortNameLength);
  say(out, text.empty() || !std::ranges::all_of(text, [](char c) { return is_lower_alnum(c) || c == '-'; }),
      "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  say(out, !std::ranges::any_of(text, is_lower), "must contain at least one letter (a-z)");
  say(out, text.contains("--"), "must not contain consecutive hyphens");
  say(out, text.starts_with('-') || text.ends_with('-'), "must not begin or end with a hyphen");
  return out;
}

Complaints in_range(std::int64_t number, std::int64_t low, std::int64_t high) {
  if (number >= low && number <= high) return {};
  return {fmt::format("must be between {} and {}, inclusive", low, high)};
}

Complaints port_number(std::int64_t number) { return in_range(number, 1, 65535); }

Complaints config_key(std::string_view text) {
  Complaints out;
  check_length(out, text, kSubdomainLength);
  say(out,
      text.empty() ||
          !std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; }),
      kConfigKeySentence);
  if (text == ".")
    out.emplace_back("must not be '.'");
  else if (text == "..")
    out.emplace_back("must not be '..'");
  else if (text.starts_with(".."))
    out.emplace_back("must not start with '..'");
  return out;
}

Complaints env_var_name(std::string_view text) {
  Complaints out;
  say(out, text.empty(), "environment variable name must be non-empty");
  say(out, std::ranges::any_of(text, [](char c) { return c < ' ' || c > '~' || c == '='; }),
      "a valid environment variable name must consist only of printable ASCII characters other than '='");
  return out;
}

Complaints http_header_name(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '-'; })) return {};
  return {std::string(kHeaderSentence)};
}

Complaints path_segment(std::string_view text) {
  Complaints out;
  if (text == "." || text == "..") return {fmt::format("may not be '{}'", text)};
  say(out, text.contains('/'), "may not contain '/'");
  say(out, text.contains('%'), "may not contain '%'");
  return out;
}

Complaints ip_address(std::string_view text) {
  if (IpAddr::parse(text)) return {};
  return {"must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"};
}

Complaints cidr_block(std::string_view text) {
  if (Cidr::parse(text)) return {};
  return {"must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"};
}

Complaints percent(std::string_view text) {
  if (text.size() > 1 && text.ends_with('%') &&
      std::ranges::all_of(text.substr(0, text.size() - 1), is_digit))
    return {};
  return {std::string(kPercentSentence)};
}

void check(const FieldCursor& field, const Complaints& complaints) {
  for (const auto& complaint : complaints) field.invalid(complaint);
}

void check(const FieldCursor& field, std::string_view text, const Complaints& complaints) {
  for (const auto& complaint : complaints) field.invalid(quoted(text), complaint);
}

Complaints name_prefix(NameRule rule, std::string_view prefix) {
  if (prefix.size() > 1 && prefix.ends_with('-'))
    return rule(std::string(prefix.substr(0, prefix.size() - 2)) + 'a');
  return rule(prefix);
}

std::string name_suffix(const std::function<std::size_t(std::size_t)>& random) {
  std::string out(5, 0);
  for (auto& c : out) c = kNameAlphabet[random(kNameAlphabet.size()) % kNameAlphabet.size()];
  return out;
}

std::string generated_name(std::string_view prefix, std::string_view suffix) {
  const auto room = kLabelLength - std::min(kLabelLength, suffix.size());
  return std::string(prefix.substr(0, room)).append(suffix);
}

}  // namespace podwire::kube
