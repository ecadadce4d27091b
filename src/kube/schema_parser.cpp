// The text of a schema, line by line; '#' starts a comment line, empty lines mean nothing.
//
//   package io.k8s.api.core.v1                 types that follow are of this package
//   group apps v1                              kinds that follow are of this group ("" is the core group) and
//   version type PodSpec : What the pod should be.     a message, and its description
//     1 volumes []Volume patch=name retainKeys keys=name : What containers may mount.
//   kind Pod pods short=po in=all sub=status,log    a resource whose message is the type of that name
//
// A field is NUMBER NAME TYPE FLAGS : DESCRIPTION; the number is "-" for what protobuf does not have. TYPE:
// string bool int32 int64 double bytes quantity intorstring time microtime duration json, or a type's name
// (of this package first, else of any); `?T`: a pointer in Go; `[]T`; `map:T`. FLAGS: required, inline,
// atomic, set, keys=A,B (server-side apply), patch=KEY or patch=set (strategic merge patch), retainKeys,
// default=JSON, enum=A|B. Flags of a kind: cluster (not namespaced), posted (never stored), body (only what a
// subresource speaks, without a path of its own), singular=NAME, short=A,B, in=CATEGORY, sub=A,B.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <charconv>
#include <map>
#include <utility>

#include "kube/schema.h"

namespace podwire::kube {
namespace {

std::string_view word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto out = text.substr(0, text.find(' '));
  text.remove_prefix(out.size());
  return out;
}

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find(by);
    out.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

constexpr std::array<std::pair<std::string_view, Type::Kind>, 12> kScalars{
    {{"string", Type::Kind::string},
     {"bool", Type::Kind::boolean},
     {"int32", Type::Kind::int32},
     {"int64", Type::Kind::int64},
     {"double", Type::Kind::float64},
     {"bytes", Type::Kind::bytes},
     {"quantity", Type::Kind::quantity},
     {"intorstring", Type::Kind::int_or_string},
     {"time", Type::Kind::time},
     {"microtime", Type::Kind::micro_time},
     {"duration", Type::Kind::duration},
     {"json", Type::Kind::json}}};

}  // namespace

/// Reads lines into the schema's own deques; types that are named before they are described are bound at the
/// end.
class SchemaParser {
 public:
  Result<Schema> parse(std::string_view text) {
    while (!text.empty()) {
      ++line_;
      const auto end = text.find('\n');
      TRY(read(text.substr(0, end)));
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    TRY(bind());
    return std::move(schema_);
  }

 private:
  struct Pending {
    std::size_t message, field;
    std::string type, package;
    int line;
  };
  struct PendingKind {
    std::size_t resource;
    std::string type, package;
    int line;
  };

  [[nodiscard]] std::unexpected<Error> wrong(std::string_view what) const { return wrong(line_, what); }
  [[nodiscard]] static std::unexpected<Error> wrong(int line, std::string_view what) {
    return fail("read schema", fmt::format("line {}", line), 0, what);
  }

  Result<> read(std::string_view line) {
    auto rest = line;
    const auto first = word(rest);
    if (first.empty() || first.starts_with('#')) return {};
    if (first == "package") {
      package_ = word(rest);
      return {};
    }
    if (first == "group") return read_group(rest);
    if (first == "type") return read_type(rest);
    if (first == "kind") return read_kind(rest);
    return read_field(first, rest);
  }

  Result<> read_group(std::string_view rest) {
    group_ = word(rest);
    if (group_ == "\"\"") group_.clear();
    version_ = word(rest);
    if (version_.empty()) return wrong("expected: group GROUP VERSION");
    return {};
  }

  Result<> read_type(std::string_view rest) {
    const auto name = word(rest);
    if (name.empty() || package_.empty()) return wrong("expected: type NAME : DESCRIPTION, below a package");
    auto& made = schema_.messages_.emplace_back();
    made.name = fmt::format("{}.{}", package_, name);
    made.description = description(rest);
    if (!by_name_.emplace(made.name, schema_.messages_.size() - 1).second)
      return wrong(fmt::format("{} is there twice", made.name));
    by_short_name_[std::string(name)].push_back(schema_.messages_.size() - 1);
    return {};
  }

  Result<> read_kind(std::string_view rest) {
    Resource r{.group = group_, .version = version_, .kind = std::string(word(rest))};
    r.plural = word(rest);
    if (r.plural.empty() || version_.empty()) return wrong("expected: kind KIND PLURAL FLAGS, below a group");
    r.singular = r.kind;
    std::ranges::transform(r.singular, r.singular.begin(), [](unsigned char c) { return std::tolower(c); });
    for (auto flag = word(rest); !flag.empty(); flag = word(rest)) {
      const auto value = flag.substr(std::min(flag.find('=') + 1, flag.size()));
      if (flag == "cluster")
        r.namespaced = false;
      else if (flag == "posted")
        r.stored = false;
      else if (flag == "body")
        r.stored = r.has_path = false;
      else if (flag.starts_with("singular="))
        r.singular = value;
      else if (flag.starts_with("short="))
        r.short_names = split(value, ',');
      else if (flag.starts_with("in="))
        r.categories = split(value, ',');
      else if (flag.starts_with("sub="))
        r.subresources = split(value, ',');
      else
        return wrong(fmt::format("a kind has no flag {}", flag));
    }
    kinds_.push_back({schema_.resources_.size(), r.kind, package_, line_});
    schema_.resources_.push_back(std::move(r));
    return {};
  }

  Result<> read_field(std::string_view number, std::string_view rest) {
    if (schema_.messages_.empty()) return wrong("a field stands below a type");
    auto& message = schema_.messages_.back();
    Field f;
    if (number != "-") {
      const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), f.number);
      if (error != std::errc() || end != number.data() + number.size() || f.number == 0)
        return wrong("expected: NUMBER NAME TYPE FLAGS : DESCRIPTION, or type, kind, group, package");
    }
    f.name = word(rest);
    auto type = word(rest);
    if (f.name.empty() || type.empty()) return wrong("a field has a name and a type");
    f.pointer = type.starts_with('?');
    if (f.pointer) type.remove_prefix(1);
    if (type.starts_with("[]")) {
      f.type.shape = Type::Shape::list;
      f.merge = Merge::atomic;
      type.remove_prefix(2);
    } else if (type.starts_with("map:")) {
      f.type.shape = Type::Shape::map;
      type.remove_prefix(4);
    }
    const auto scalar = std::ranges::find(kScalars, type, &std::pair<std::string_view, Type::Kind>::first);
    if (scalar != kScalars.end()) {
      f.type.kind = scalar->second;
    } else {
      f.type.kind = Type::Kind::message;
      fields_.push_back(
          {schema_.messages_.size() - 1, message.fields.size(), std::string(type), package_, line_});
    }
    const auto colon = rest.find(" : ");
    TRY(read_flags(f, rest.substr(0, colon)));
    f.description = description(rest);
    for (const auto& other : message.fields)
      if ((other.number == f.number && f.number != 0) || other.name == f.name)
        return wrong(fmt::format("{} has {} (number {}) twice", message.name, f.name, f.number));
    message.fields.push_back(std::move(f));
    return {};
  }

  Result<> read_flags(Field& f, std::string_view flags) {
    for (auto flag = word(flags); !flag.empty(); flag = word(flags)) {
      const auto value = flag.substr(std::min(flag.find('=') + 1, flag.size()));
      if (flag == "required") {
        f.required = true;
      } else if (flag == "inline") {
        f.inlined = true;
      } else if (flag == "atomic") {
        f.merge = Merge::atomic;
      } else if (flag == "set") {
        f.merge = Merge::set;
      } else if (flag == "retainKeys") {
        f.retain_keys = true;
      } else if (flag.starts_with("keys=")) {
        f.merge = Merge::keyed;
        f.list_keys = split(value, ',');
      } else if (flag == "patch=set") {
        f.patch_merge_set = true;
      } else if (flag.starts_with("patch=")) {
        f.patch_key = value;
      } else if (flag.starts_with("enum=")) {
        f.values = split(value, '|');
      } else if (flag.starts_with("default=")) {
        boost::system::error_code error;
        f.default_value = boost::json::parse(value, error);
        if (error) return wrong(fmt::format("{} is no JSON", value));
      } else {
        return wrong(fmt::format("a field has no flag {}", flag));
      }
    }
    return {};
  }

  [[nodiscard]] static std::string description(std::string_view rest) {
    const auto colon = rest.find(" : ");
    return colon == std::string_view::npos ? std::string() : std::string(rest.substr(colon + 3));
  }

  [[nodiscard]] const Message* named(const std::string& type, const std::string& package) const {
    if (const auto here = by_name_.find(package + "." + type); here != by_name_.end())
      return &schema_.messages_[here->second];
    const auto any = by_short_name_.find(type);
    return any == by_short_name_.end() || any->second.size() != 1 ? nullptr
                                                                  : &schema_.messages_[any->second.front()];
  }

  Result<> bind() {
    for (const auto& p : fields_) {
      auto& field = schema_.messages_[p.message].fields[p.field];
      field.type.message = named(p.type, p.package);
      if (field.type.message == nullptr)
        return wrong(p.line, fmt::format("{} is no type, or one of several packages", p.type));
    }
    for (const auto& k : kinds_) {
      auto& resource = schema_.resources_[k.resource];
      resource.message = named(k.type, k.package);
      if (resource.message == nullptr) return wrong(k.line, fmt::format("kind {} has no type", k.type));
    }
    return {};
  }

  Schema schema_;
  int line_ = 0;
  std::string package_, group_, version_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_short_name_;
  std::vector<Pending> fields_;
  std::vector<PendingKind> kinds_;
};

Result<Schema> Schema::parse(std::string_view text) { return SchemaParser().parse(text); }

}  // namespace podwire::kube
