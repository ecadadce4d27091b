#include "kube/patch/json_patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

namespace podwire::kube {
namespace {

using Pointer = std::vector<std::string>;
using Tokens = std::span<const std::string>;

constexpr std::size_t kMostOperations = 10'000;
/// Deeper than any object of the API; what reads and frees JSON recurses.
constexpr std::size_t kMostDepth = 100;
/// Values that all operations together may write: "copy" can double a document each time.
constexpr std::size_t kMostValues = 4'000'000;

std::unexpected<Status> cannot() {
  return std::unexpected(Status{.code = 422,
                                .reason = "Invalid",
                                .message = "the server rejected our request due to an error in our request"});
}

std::unexpected<Status> too_large(std::string message) {
  return std::unexpected(
      Status{.code = 413, .reason = "RequestEntityTooLarge", .message = std::move(message)});
}

std::optional<std::string> unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out += token[i];
    } else if (++i < token.size() && (token[i] == '0' || token[i] == '1')) {
      out += token[i] == '0' ? '~' : '/';
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<Pointer> parse_pointer(std::string_view text) {
  Pointer out;
  while (!text.empty()) {
    if (text.front() != '/') return std::nullopt;
    text.remove_prefix(1);
    const auto token = text.substr(0, text.find('/'));
    auto plain = unescape(token);
    if (!plain) return std::nullopt;
    out.push_back(std::move(*plain));
    text.remove_prefix(token.size());
  }
  return out;
}

/// An index below `end`; "01" and "-1" are none.
std::optional<std::size_t> parse_index(std::string_view token, std::size_t end) {
  std::size_t index = 0;
  const auto [rest, error] = std::from_chars(token.begin(), token.end(), index);
  if (error != std::errc() || rest != token.end() || (token.size() > 1 && token.front() == '0'))
    return std::nullopt;
  return index < end ? std::optional(index) : std::nullopt;
}

json::value* find(json::value& root, Tokens tokens) {
  auto* at = &root;
  for (const auto& token : tokens) {
    if (auto* object = at->if_object()) {
      at = object->if_contains(token);
    } else if (auto* array = at->if_array()) {
      const auto index = parse_index(token, array->size());
      at = index ? &(*array)[*index] : nullptr;
    } else {
      at = nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

/// Depth below `value` and the values in it; stops counting past the limits.
struct Measure {
  std::size_t values = 0, depth = 0;

  void add(const json::value& value, std::size_t level) {
    if (++values > kMostValues || level > kMostDepth) return;
    depth = std::max(depth, level);
    if (const auto* object = value.if_object())
      for (const auto& member : *object) add(member.value(), level + 1);
    if (const auto* array = value.if_array())
      for (const auto& element : *array) add(element, level + 1);
  }
};

class Patching {
 public:
  explicit Patching(json::value root) : root_(std::move(root)) {}

  Answer<> apply(const json::object& operation) {
    const auto op = text_in(operation, "op");
    const auto* path_text = in(operation, "path");
    if (op.empty() || path_text == nullptr || !path_text->is_string())
      return bad_request("each operation of a JSON patch needs an op and a path");
    const auto path = parse_pointer(path_text->get_string());
    if (!path) return cannot();
    if (op == "remove") return take(*path) ? Answer<>() : cannot();
    if (op == "move" || op == "copy") {
      const auto* from_text = in(operation, "from");
      if (from_text == nullptr || !from_text->is_string())
        return bad_request(fmt::format("the JSON patch operation {} needs a from", op));
      const auto from = parse_pointer(from_text->get_string());
      if (!from) return cannot();
      return op == "move" ? move(*from, *path) : copy(*from, *path);
    }
    const auto* value = in(operation, "value");
    if (value == nullptr) return cannot();
    if (op == "add") return add(*path, *value);
    if (op == "replace") return replace(*path, *value);
    if (op == "test") return test(*path, *value);
    return cannot();
  }

  json::value finish() && { return std::move(root_); }

 private:
  /// Before `value` is put at `path`.
  Answer<> allow(const json::value& value, Tokens path) {
    Measure measure;
    measure.add(value, path.size());
    values_ += measure.values;
    if (values_ > kMostValues || measure.depth >= kMostDepth)
      return too_large("the JSON patch would make the object too large");
    return {};
  }

  Answer<> add(Tokens path, json::value value) {
    TRY(allow(value, path));
    if (path.empty()) {
      root_ = std::move(value);
      return {};
    }
    auto* parent = find(root_, path.first(path.size() - 1));
    if (parent == nullptr) return cannot();
    if (auto* object = parent->if_object()) {
      (*object)[path.back()] = std::move(value);
      return {};
    }
    auto* array = parent->if_array();
    if (array == nullptr) return cannot();
    const auto index =
        path.back() == "-" ? std::optional(array->size()) : parse_index(path.back(), array->size() + 1);
    if (!index) return cannot();
    array->insert(array->begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return {};
  }

  std::optional<json::value> take(Tokens path) {
    auto* found = path.empty() ? nullptr : find(root_, path);
    if (found == nullptr) return std::nullopt;
    auto out = std::move(*found);
    auto* parent = find(root_, path.first(path.size() - 1));
    if (auto* object = parent->if_object()) {
      object->stable_erase(object->find(path.back()));
    } else {
      auto& array = parent->get_array();
      array.erase(array.begin() + (found - array.data()));
    }
    return out;
  }

  Answer<> replace(Tokens path, const json::value& value) {
    TRY(allow(value, path));
    auto* found = find(root_, path);
    if (found == nullptr) return cannot();
    *found = value;
    return {};
  }

  Answer<> test(Tokens path, const json::value& value) {
    const auto* found = find(root_, path);
    // As Kubernetes has it: what is not there is null.
    const auto same = found != nullptr ? *found == value : value.is_null();
    return same ? Answer<>() : cannot();
  }

  Answer<> move(Tokens from, Tokens to) {
    if (std::ranges::equal(from, to)) return find(root_, from) != nullptr ? Answer<>() : cannot();
    if (from.size() < to.size() && std::ranges::equal(from, to.first(from.size()))) return cannot();
    auto value = take(from);
    if (!value) return cannot();
    return add(to, std::move(*value));
  }

  Answer<> copy(Tokens from, Tokens to) {
    const auto* found = find(root_, from);
    if (found == nullptr) return cannot();
    TRY(allow(*found, to));
    return add(to, *found);
  }

  json::value root_;
  std::size_t values_ = 0;
};

}  // namespace

Answer<json::value> apply_json_patch(json::value target, const json::value& patch) {
  const auto* operations = patch.if_array();
  if (operations == nullptr) return bad_request("a JSON patch is a list of operations");
  if (operations->size() > kMostOperations)
    return too_large(fmt::format("The allowed maximum operations in a JSON patch is {}, got {}",
                                 kMostOperations, operations->size()));
  Patching patching(std::move(target));
  for (const auto& operation : *operations) {
    const auto* object = operation.if_object();
    if (object == nullptr) return bad_request("each operation of a JSON patch is an object");
    TRY(patching.apply(*object));
  }
  return std::move(patching).finish();
}

}  // namespace podwire::kube
