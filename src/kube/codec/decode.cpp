#include "kube/codec/decode.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <cmath>
#include <limits>
#include <optional>

#include "kube/codec/scalars.h"

namespace podwire::kube {
namespace {

constexpr std::size_t kDeepest = 100;

std::string short_name(const Message& message) { return message.name.substr(message.name.rfind('.') + 1); }

/// What Go's decoder calls a JSON value.
std::string_view go_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string:
      return "string";
    case json::kind::bool_:
      return "bool";
    case json::kind::array:
      return "array";
    case json::kind::object:
      return "object";
    default:
      return "number";
  }
}

std::string go_type(const Type& type) {
  using Kind = Type::Kind;
  static constexpr std::string_view kNames[] = {"string",
                                                "bool",
                                                "int32",
                                                "int64",
                                                "float64",
                                                "[]uint8",
                                                "resource.Quantity",
                                                "intstr.IntOrString",
                                                "v1.Time",
                                                "v1.MicroTime",
                                                "v1.Duration",
                                                "json"};
  std::string one = type.kind == Kind::message ? "v1." + short_name(*type.message)
                                               : std::string(kNames[static_cast<std::size_t>(type.kind)]);
  if (type.shape == Type::Shape::list) return "[]" + one;
  if (type.shape == Type::Shape::map) return "map[string]" + one;
  return one;
}

/// Walks an object beside its message. `path_` is where it stands: "spec.ports[0]".
class Checker {
 public:
  Checker(std::string_view kind, std::string_view version) : kind_(kind), version_(version) {}

  Answer<> object(const Message& message, json::object& object) {
    for (auto it = object.begin(); it != object.end();) {
      const std::string name(it->key());
      const auto* field = message.field(name);
      if (field == nullptr) unknown_.push_back(at(name));
      if (field == nullptr || it->value().is_null()) {
        it = object.stable_erase(it);
        continue;
      }
      const Step step(*this, name);
      TRY(value(message, *field, it->value()));
      ++it;
    }
    return {};
  }

  std::vector<std::string> unknown_;

 private:
  /// A step down, taken back at the end of the scope.
  struct Step {
    Step(Checker& c, std::string_view name, bool index = false) : checker(c), before(c.path_.size()) {
      if (!index && !c.path_.empty()) c.path_ += '.';
      c.path_ += name;
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { checker.path_.resize(before); }
    Checker& checker;
    std::size_t before;
  };

  [[nodiscard]] std::string at(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  }

  /// The path as Go's decoder says it, without indices.
  [[nodiscard]] std::string go_path() const {
    std::string out;
    bool inside = false;
    for (const char c : path_) {
      if (c == '[') inside = true;
      if (!inside) out += c;
      if (c == ']') inside = false;
    }
    return out;
  }

  [[nodiscard]] std::unexpected<Status> refuse(std::string_view why) const {
    return bad_request(
        fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: {2}", kind_, version_, why));
  }

  [[nodiscard]] std::unexpected<Status> wrong_type(const Message& owner, const Type& type,
                                                   const json::value& value) const {
    return refuse(fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}",
                              go_name(value), short_name(owner), go_path(), go_type(type)));
  }

  Answer<> value(const Message& owner, const Field& field, json::value& v) {
    const auto& type = field.type;
    if (type.shape == Type::Shape::one) return one(owner, type, v);
    if (type.shape == Type::Shape::list) {
      auto* list = v.if_array();
      if (list == nullptr) return wrong_type(owner, type, v);
      for (std::size_t i = 0; i < list->size(); ++i) {
        const Step step(*this, fmt::format("[{}]", i), true);
        if ((*list)[i].is_null() && type.kind == Type::Kind::message) (*list)[i].emplace_object();
        TRY(one(owner, type, (*list)[i]));
      }
      return {};
    }
    auto* map = v.if_object();
    if (map == nullptr) return wrong_type(owner, type, v);
    for (auto& entry : *map) {
      const Step step(*this, entry.key());
      if (entry.value().is_null() && type.kind == Type::Kind::string) entry.value() = "";
      TRY(one(owner, type, entry.value()));
    }
    return {};
  }

  Answer<> one(const Message& owner, const Type& type, json::value& v) {
    if (type.kind == Type::Kind::message) {
      auto* nested = v.if_object();
      if (nested == nullptr) return wrong_type(owner, type, v);
      return object(*type.message, *nested);
    }
    switch (normalize(type.kind, v)) {
      case Fit::fits:
        return {};
      case Fit::wrong_type:
        return wrong_type(owner, Type{.kind = type.kind}, v);
      case Fit::bad_text:
        return refuse(fmt::format("{}: {}", path_, complaint(type.kind, v)));
    }
    return {};
  }

  std::string_view kind_, version_;
  std::string path_;
};

Answer<std::vector<std::string>> verdict(std::vector<std::string> unknown, FieldValidation how) {
  std::vector<std::string> out;
  if (how == FieldValidation::ignore) return out;
  for (const auto& path : unknown) out.push_back(fmt::format("unknown field \"{}\"", path));
  if (how == FieldValidation::warn || out.empty()) return out;
  std::string all;
  for (const auto& one : out) all += (all.empty() ? "" : ", ") + one;
  return bad_request("strict decoding error: " + all);
}

}  // namespace

Answer<json::object> parse_body(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDeepest;
  boost::system::error_code error;
  auto value = json::parse(text, error, {}, options);
  if (error == json::error::too_deep)
    return bad_request(fmt::format("the body is nested more than {} deep", kDeepest));
  if (error)
    return bad_request(fmt::format("couldn't get version/kind; json parse error: {}", error.message()));
  auto* object = value.if_object();
  if (object == nullptr)
    return bad_request(
        fmt::format("couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go value of "
                    "type struct {{ APIVersion string; Kind string }}",
                    go_name(value)));
  return std::move(*object);
}

Answer<std::vector<std::string>> check_fields(const Message& message, std::string_view kind,
                                              std::string_view version, json::object& object,
                                              FieldValidation how) {
  Checker checker(kind, version);
  TRY(checker.object(message, object));
  return verdict(std::move(checker.unknown_), how);
}

Answer<std::vector<std::string>> check_fields(const Resource& resource, json::object& object,
                                              FieldValidation how) {
  const auto api_version = text_in(object, "apiVersion");
  if (!api_version.empty() && api_version != resource.api_version())
    return bad_request(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                    api_version, resource.api_version()));
  const auto kind = text_in(object, "kind");
  if (!kind.empty() && kind != resource.kind)
    return bad_request(
        fmt::format("the kind in the data ({}) does not match the expected kind ({})", kind, resource.kind));
  auto warnings = TRY(check_fields(*resource.message, resource.kind, resource.version, object, how));
  object["kind"] = resource.kind;
  object["apiVersion"] = resource.api_version();
  return warnings;
}

}  // namespace podwire::kube
