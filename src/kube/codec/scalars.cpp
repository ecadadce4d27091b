#include "kube/codec/scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <limits>

#include "base/base64.h"
#include "kube/codec/go_time.h"
#include "kube/quantity.h"

namespace podwire::kube {
namespace {

using Kind = Type::Kind;

/// A whole number in [low, high], also one written as 5.0 or 5e0; brought into the form of an integer.
bool whole(json::value& v, std::int64_t low, std::int64_t high) {
  if (v.is_double() && std::trunc(v.get_double()) == v.get_double() && std::fabs(v.get_double()) < 9e15)
    v = static_cast<std::int64_t>(v.get_double());
  return v.is_int64() && v.get_int64() >= low && v.get_int64() <= high;
}

bool whole32(json::value& v) {
  return whole(v, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
}

/// Types that decode themselves do not know in which field they stand.
std::unexpected<Status> unmarshal(const json::value& v, std::string_view type) {
  return bad_request(
      v.is_number() && type == "int32"
          ? fmt::format("json: cannot unmarshal number {} into Go value of type {}", number_text(v), type)
          : fmt::format("json: cannot unmarshal {} into Go value of type {}", go_name(v), type));
}

Answer<bool> quantity(json::value& v) {
  const auto parsed = Quantity::parse(v.is_string() ? std::string(v.get_string()) : number_text(v));
  if (!parsed) return bad_request(parsed.error().detail);
  v = parsed->str();
  return true;
}

Answer<bool> time(json::value& v, TimeForm form) {
  if (!v.is_string()) return unmarshal(v, "string");
  const auto parsed = TRY(parse_time(v.get_string(), form));
  const auto printed = print_time(parsed, form);
  if (!printed)
    return bad_request(
        fmt::format("parsing time \"{}\": year out of range", std::string_view(v.get_string())));
  if (v.get_string() != *printed) v = *printed;
  return true;
}

Answer<bool> bytes(json::value& v) {
  if (!v.is_string()) return false;
  auto& text = v.get_string();
  if (text.find_first_of("\r\n") != json::string::npos) {  // Go skips them
    std::string without(text);
    std::erase_if(without, [](char c) { return c == '\r' || c == '\n'; });
    text = without;
  }
  if (base64_decode(text)) return true;
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto bad = std::string_view(text).find_first_not_of(kAlphabet);
  return bad_request(fmt::format("illegal base64 data at input byte {}",
                                 bad != std::string_view::npos ? bad : text.size() / 4 * 4));
}

}  // namespace

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

std::string number_text(const json::value& v) {
  return v.is_double() ? fmt::format("{}", v.get_double()) : json::serialize(v);
}

Answer<bool> normalize(Kind kind, json::value& v) {
  switch (kind) {
    case Kind::string:
      return v.is_string();
    case Kind::boolean:
      return v.is_bool();
    case Kind::int32:
      return whole32(v);
    case Kind::int64:
      return whole(v, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    case Kind::float64:
      return v.is_number();
    case Kind::bytes:
      return bytes(v);
    case Kind::quantity:
      return quantity(v);
    case Kind::int_or_string:
      if (!v.is_string() && !whole32(v)) return unmarshal(v, "int32");
      return true;
    case Kind::time:
      return time(v, TimeForm::seconds);
    case Kind::micro_time:
      return time(v, TimeForm::micros);
    case Kind::duration:
      if (!v.is_string()) return unmarshal(v, "string");
      v = print_duration(TRY(parse_duration(v.get_string())));
      return true;
    case Kind::message:
      return v.is_object();
    case Kind::json:
      return true;
  }
  return false;
}

json::value zero(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return false;
    case Kind::int32:
    case Kind::int64:
    case Kind::int_or_string:
      return 0;
    case Kind::float64:
      return 0.0;
    case Kind::quantity:
      return "0";
    case Kind::message:
      return json::object();
    case Kind::string:
    case Kind::bytes:
      return "";
    case Kind::duration:
      return "0s";
    default:
      return nullptr;
  }
}

bool is_zero(const Type& type, const json::value& v) {
  if (type.shape == Type::Shape::list) return v.is_array() && v.get_array().empty();
  if (type.shape == Type::Shape::map) return v.is_object() && v.get_object().empty();
  if (type.kind == Kind::message || type.kind == Kind::quantity || type.kind == Kind::json)
    return v.is_null();
  switch (v.kind()) {
    case json::kind::string:
      return v.get_string().empty();
    case json::kind::bool_:
      return !v.get_bool();
    case json::kind::int64:
      return v.get_int64() == 0;
    case json::kind::double_:
      return v.get_double() == 0;
    default:
      return v.is_null();
  }
}

}  // namespace podwire::kube
