#include <fmt/format.h>

#include <bit>
#include <boost/json/serialize.hpp>

#include "base/base64.h"
#include "kube/codec/go_time.h"
#include "kube/codec/protobuf.h"
#include "kube/codec/protobuf_frame.h"
#include "kube/codec/wire.h"

namespace podwire::kube {
namespace {

using Kind = Type::Kind;
using Shape = Type::Shape;

std::unexpected<Status> unencodable(std::string_view why) {
  return bad_request(fmt::format("unable to encode as protobuf: {}", why));
}

class Encoder {
 public:
  /// Counts in `used` the entries of `object` that went into the message or one that is inlined into it.
  Answer<std::string> message(const Message& m, const json::object& object, std::size_t& used, int depth) {
    if (depth > kMaxMessageDepth) return unencodable("it is nested too deep");
    WireWriter out;
    for (const auto& f : m.fields) {
      if (f.inlined) {
        const auto inner = TRY(message(*f.type.message, object, used, depth + 1));
        if (!inner.empty()) out.bytes(f.number, inner);
        continue;
      }
      const auto* v = object.if_contains(f.name);
      if (v == nullptr) continue;
      ++used;
      if (f.number != 0 && !v->is_null()) TRY(field(m, f, *v, out, depth));  // kind, apiVersion: in the frame
    }
    return std::move(out).take();
  }

  Answer<std::string> whole_message(const Message& m, const json::object& object, int depth) {
    std::size_t used = 0;
    auto out = TRY(message(m, object, used, depth));
    if (used != object.size()) return unencodable(fmt::format("{} does not have all its fields", m.name));
    return out;
  }

 private:
  Answer<> field(const Message& m, const Field& f, const json::value& v, WireWriter& out, int depth) {
    switch (f.type.shape) {
      case Shape::one:
        return value(m, f, f.number, v, out, depth);
      case Shape::list:
        if (!v.is_array()) return wrong(m, f);
        for (const auto& element : v.get_array()) TRY(value(m, f, f.number, element, out, depth));
        return {};
      case Shape::map:
        break;
    }
    if (!v.is_object()) return wrong(m, f);
    for (const auto& [key, content] : v.get_object()) {
      WireWriter entry;
      entry.bytes(1, key);
      if (f.type.kind == Kind::json)
        TRY(extra_value(m, f, content, entry));
      else
        TRY(value(m, f, 2, content, entry, depth));
      out.bytes(f.number, entry.out());
    }
    return {};
  }

  static Answer<> extra_value(const Message& m, const Field& f, const json::value& v, WireWriter& out) {
    if (!v.is_array()) return wrong(m, f);
    WireWriter items;
    for (const auto& item : v.get_array()) {
      if (!item.is_string()) return wrong(m, f);
      items.bytes(1, item.get_string());
    }
    out.bytes(2, items.out());
    return {};
  }

  Answer<> value(const Message& m, const Field& f, std::uint32_t number, const json::value& v,
                 WireWriter& out, int depth) {
    switch (f.type.kind) {
      case Kind::string:
        if (!v.is_string()) return wrong(m, f);
        out.bytes(number, v.get_string());
        return {};
      case Kind::boolean:
        if (!v.is_bool()) return wrong(m, f);
        out.varint(number, v.get_bool() ? 1 : 0);
        return {};
      case Kind::int32:
      case Kind::int64:
        if (!v.is_int64()) return wrong(m, f);
        out.varint(number, static_cast<std::uint64_t>(v.get_int64()));
        return {};
      case Kind::float64:
        if (!v.is_number()) return wrong(m, f);
        out.fixed64(number, std::bit_cast<std::uint64_t>(v.to_number<double>()));
        return {};
      case Kind::bytes: {
        const auto content = v.is_string() ? base64_decode(v.get_string()) : std::nullopt;
        if (!content) return wrong(m, f);
        out.bytes(number, *content);
        return {};
      }
      case Kind::message:
        if (!v.is_object()) return wrong(m, f);
        out.bytes(number, TRY(whole_message(*f.type.message, v.get_object(), depth + 1)));
        return {};
      default:
        out.bytes(number, TRY(special(m, f, v)));
        return {};
    }
  }

  static Answer<std::string> special(const Message& m, const Field& f, const json::value& v) {
    WireWriter out;
    if (f.type.kind == Kind::json) {
      out.bytes(1, json::serialize(v));
      return std::move(out).take();
    }
    if (f.type.kind == Kind::int_or_string && v.is_int64()) {
      out.varint(1, 0);
      out.varint(2, static_cast<std::uint64_t>(v.get_int64()));
      return std::move(out).take();
    }
    if (!v.is_string()) return wrong(m, f);
    const std::string_view text = v.get_string();
    switch (f.type.kind) {
      case Kind::int_or_string:
        out.varint(1, 1);
        out.bytes(3, text);
        break;
      case Kind::time:
      case Kind::micro_time: {
        const auto at =
            TRY(parse_time(text, f.type.kind == Kind::time ? TimeForm::seconds : TimeForm::micros));
        out.varint(1, static_cast<std::uint64_t>(at.seconds));
        out.varint(2, static_cast<std::uint64_t>(at.nanos));
        break;
      }
      case Kind::duration:
        out.varint(1, static_cast<std::uint64_t>(TRY(parse_duration(text))));
        break;
      default:
        out.bytes(1, text);
        break;  // quantity
    }
    return std::move(out).take();
  }

  static std::unexpected<Status> wrong(const Message& m, const Field& f) {
    return unencodable(fmt::format("{}.{} is not of its type", m.name, f.name));
  }
};

}  // namespace

Answer<std::string> to_protobuf(const Schema& schema, const json::object& object) {
  const auto api_version = text_in(object, "apiVersion");
  const auto kind = text_in(object, "kind");
  const auto* m = message_of_kind(schema, api_version, kind);
  if (m == nullptr)
    return unencodable(fmt::format("no kind \"{}\" is registered for version \"{}\"", kind, api_version));
  WireWriter type_meta;
  type_meta.bytes(1, api_version);
  type_meta.bytes(2, kind);
  WireWriter unknown;
  unknown.bytes(1, type_meta.out());
  unknown.bytes(2, TRY(Encoder().whole_message(*m, object, 0)));
  unknown.bytes(3, "");
  unknown.bytes(4, "");
  return std::string(kFrameStart) + unknown.out();
}

}  // namespace podwire::kube
