#include "client/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

#include "kube/tree_room.h"

namespace podwire::client {
namespace {

constexpr std::size_t kDepth = 200;
constexpr std::size_t kTextBytes = 1024;  ///< of a body that is no Status, for a message

struct Meaning {
  int code;
  std::string_view reason;  // metav1.StatusReason
};

constexpr std::array kMeanings = {
    Meaning{400, "BadRequest"},
    Meaning{401, "Unauthorized"},
    Meaning{403, "Forbidden"},
    Meaning{404, "NotFound"},
    Meaning{405, "MethodNotAllowed"},
    Meaning{406, "NotAcceptable"},
    Meaning{409, "Conflict"},
    Meaning{410, "Expired"},
    Meaning{413, "RequestEntityTooLarge"},
    Meaning{415, "UnsupportedMediaType"},
    Meaning{422, "Invalid"},
    Meaning{429, "TooManyRequests"},
    Meaning{500, "InternalError"},
    Meaning{503, "ServiceUnavailable"},
    Meaning{504, "Timeout"},
};

std::string_view reason_of(int code) {
  const auto* at = std::ranges::find(kMeanings, code, &Meaning::code);
  return at != kMeanings.end() ? at->reason : std::string_view("Unknown");
}

int number_in(const json::object& object, std::string_view key) {
  const auto* value = kube::in(object, key);
  if (value == nullptr || !value->is_number()) return 0;
  boost::system::error_code wrong;
  const auto number = value->to_number<int>(wrong);
  return wrong ? 0 : number;
}

/// The text of a body, made fit for one line of a log.
std::string one_line(std::string_view body) {
  std::string out;
  for (const char c : body.substr(0, kTextBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ')
      out += byte < 0x7f ? c : '?';
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

}  // namespace

std::optional<json::value> parsed(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepth;
  boost::system::error_code wrong;
  auto out = json::parse(text, wrong, kube::tree_room(text.size()), options);
  if (wrong) return std::nullopt;
  return out;
}

kube::Status status_from(const json::object& object, int code) {
  kube::Status out{.code = number_in(object, "code"),
                   .reason = std::string(kube::text_in(object, "reason")),
                   .message = std::string(kube::text_in(object, "message"))};
  if (out.code == 0) out.code = code;
  if (out.reason.empty()) out.reason = reason_of(out.code);
  const auto* details = kube::object_in(object, "details");
  if (details == nullptr) return out;
  out.name = kube::text_in(*details, "name");
  out.group = kube::text_in(*details, "group");
  out.kind = kube::text_in(*details, "kind");
  out.uid = kube::text_in(*details, "uid");
  out.retry_after_seconds = std::max(0, number_in(*details, "retryAfterSeconds"));
  if (const auto* causes = kube::array_in(*details, "causes"))
    for (const auto& each : *causes)
      if (const auto* cause = each.if_object())
        out.causes.push_back({std::string(kube::text_in(*cause, "reason")),
                              std::string(kube::text_in(*cause, "message")),
                              std::string(kube::text_in(*cause, "field"))});
  return out;
}

kube::Status refusal_from(int code, std::string_view body) {
  const auto value = parsed(body);
  const auto* object = value ? value->if_object() : nullptr;
  if (object != nullptr && kube::text_in(*object, "kind") == "Status") {
    auto out = status_from(*object, code);
    out.code = code;
    return out;
  }
  auto text = one_line(body);
  if (text.empty()) text = fmt::format("the server answered {} and gave no reason", code);
  return {.code = code, .reason = std::string(reason_of(code)), .message = std::move(text)};
}

kube::Status no_answer(std::string message) { return {.code = 0, .message = std::move(message)}; }

bool is_from_the_future(const kube::Status& status) {
  return std::ranges::find(status.causes, "ResourceVersionTooLarge", &kube::Cause::reason) !=
             status.causes.end() ||
         (status.code == 504 && status.message.contains("Too large resource version"));
}

std::string sentence(const kube::Status& status) {
  if (status.code == 0) return status.message;
  return fmt::format("{} {}: {}", status.code, status.reason, status.message);
}

}  // namespace podwire::client
