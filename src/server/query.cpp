#include "server/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace podwire::server {
namespace {

using kube::Answer;
using kube::Cause;
using kube::Status;

std::unexpected<Status> invalid_options(std::string_view kind, std::vector<Cause> causes) {
  std::string all;
  for (const auto& cause : causes)
    all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", cause.field, cause.message);
  if (causes.size() > 1) all = "[" + all + "]";
  return std::unexpected(Status{.code = 422,
                                .reason = "Invalid",
                                .message = fmt::format("{}.meta.k8s.io \"\" is invalid: {}", kind, all),
                                .group = "meta.k8s.io",
                                .kind = std::string(kind),
                                .causes = std::move(causes)});
}

Cause forbidden_option(std::string_view field, std::string_view why) {
  return {"FieldValueForbidden", fmt::format("Forbidden: {}", why), std::string(field)};
}

Answer<std::uint64_t> number(const Query& query, std::string_view name) {
  const auto text = parameter(query, name);
  std::uint64_t out = 0;
  if (text.empty()) return out;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size())
    return kube::bad_request(fmt::format("{}: \"{}\" is no number", name, text));
  return out;
}

/// What strconv.ParseBool reads; a parameter without a value is true.
Answer<std::optional<bool>> flag(const Query& query, std::string_view name) {
  const auto at = std::ranges::find(query, name, [](const auto& p) -> std::string_view { return p.first; });
  if (at == query.end()) return std::nullopt;
  static constexpr std::string_view kTrue[] = {"", "1", "t", "T", "true", "TRUE", "True"};
  static constexpr std::string_view kFalse[] = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, at->second) != std::end(kTrue)) return true;
  if (std::ranges::find(kFalse, at->second) != std::end(kFalse)) return false;
  return kube::bad_request(fmt::format("{}: \"{}\" is neither true nor false", name, at->second));
}

Answer<> check_match(const Query& query, const ListOptions& o, std::optional<bool> send_initial) {
  const auto match = parameter(query, "resourceVersionMatch");
  std::vector<Cause> wrong;
  const auto refuse = [&](std::string_view field, std::string_view why) {
    wrong.push_back(forbidden_option(field, why));
  };
  const bool known = match.empty() || match == "Exact" || match == "NotOlderThan";
  if (!known)
    wrong.push_back(
        {"FieldValueNotSupported",
         fmt::format("Unsupported value: \"{}\": supported values: \"Exact\", \"NotOlderThan\"", match),
         "resourceVersionMatch"});
  if (o.watch) {
    if (send_initial && match != "NotOlderThan")
      refuse("resourceVersionMatch",
             "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    if (!send_initial && !match.empty())
      refuse("resourceVersionMatch",
             "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  } else {
    if (send_initial) refuse("sendInitialEvents", "sendInitialEvents is forbidden for list");
    if (!match.empty() && !o.continue_token.empty())
      refuse("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
    else if (!match.empty() && !o.resource_version)
      refuse("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (match == "Exact" && o.resource_version == 0U)
      refuse("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
  }
  if (!wrong.empty()) return invalid_options("ListOptions", std::move(wrong));
  return {};
}

}  // namespace

std::string_view parameter(const Query& query, std::string_view name) {
  const auto at = std::ranges::find(query, name, [](const auto& p) -> std::string_view { return p.first; });
  return at == query.end() ? std::string_view() : std::string_view(at->second);
}

Answer<ListOptions> list_options(const Query& query) {
  ListOptions out;
  out.label_selector = parameter(query, "labelSelector");
  out.field_selector = parameter(query, "fieldSelector");
  out.continue_token = parameter(query, "continue");
  out.limit = TRY(number(query, "limit"));
  out.timeout_seconds = TRY(number(query, "timeoutSeconds"));
  if (!parameter(query, "resourceVersion").empty())
    out.resource_version = TRY(number(query, "resourceVersion"));
  out.exact = parameter(query, "resourceVersionMatch") == "Exact";
  out.watch = TRY(flag(query, "watch")).value_or(false);
  out.bookmarks = TRY(flag(query, "allowWatchBookmarks")).value_or(false);
  const auto send_initial = TRY(flag(query, "sendInitialEvents"));
  TRY(check_match(query, out, send_initial));
  out.marks_their_end = send_initial.value_or(false);
  // A watch from nowhere starts with what is there, as ever; only who asked for it by name is told where that
  // ends.
  out.initial_events = send_initial ? *send_initial : out.resource_version.value_or(0) == 0;
  return out;
}

Answer<WriteOptions> write_options(const Query& query) {
  WriteOptions out;
  if (const auto dry = parameter(query, "dryRun"); !dry.empty()) {
    if (dry != "All")
      return invalid_options(
          "CreateOptions",
          {{"FieldValueNotSupported",
            fmt::format("Unsupported value: \"{}\": supported values: \"All\"", dry), "dryRun"}});
    out.dry_run = true;
  }
  out.field_manager = parameter(query, "fieldManager");
  if (out.field_manager.size() > 128)
    return invalid_options(
        "CreateOptions", {{"FieldValueTooLong", "Too long: may not be more than 128 bytes", "fieldManager"}});
  const auto validation = parameter(query, "fieldValidation");
  if (validation == "Ignore")
    out.field_validation = kube::FieldValidation::ignore;
  else if (validation == "Strict")
    out.field_validation = kube::FieldValidation::strict;
  else if (!validation.empty() && validation != "Warn")
    return invalid_options(
        "CreateOptions",
        {{"FieldValueNotSupported",
          fmt::format("Unsupported value: \"{}\": supported values: \"Ignore\", \"Strict\", \"Warn\"",
                      validation),
          "fieldValidation"}});
  out.force = TRY(flag(query, "force")).value_or(false);
  return out;
}

}  // namespace podwire::server
