#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "base/base64.h"
#include "base/utf8.h"
#include "kube/codec/go_time.h"
#include "kube/codec/json_reader.h"
#include "kube/codec/protobuf.h"
#include "kube/codec/protobuf_frame.h"
#include "kube/codec/scalars.h"
#include "kube/codec/wire.h"
#include "kube/quantity.h"

namespace podwire::kube {
namespace {

using Kind = Type::Kind;
using Shape = Type::Shape;

std::unexpected<Status> undecodable(std::string_view why) {
  return bad_request(fmt::format("unable to decode the protobuf body: {}", why));
}

bool is_varint(Kind kind) { return kind == Kind::boolean || kind == Kind::int32 || kind == Kind::int64; }

struct Unknown {  // runtime.Unknown
  std::string_view api_version, kind, raw, encoding, type;
};

Answer<Unknown> read_frame(std::string_view body) {
  if (!is_protobuf(body)) return undecodable("it does not begin with k8s and a zero byte");
  body.remove_prefix(kFrameStart.size());
  Unknown out;
  std::string_view type_meta;
  for (WireReader in(body); !in.done();) {
    const auto w = in.next();
    if (!w || w->type != WireType::bytes || w->number > 4)
      return undecodable("its frame is no runtime.Unknown");
    (w->number == 1   ? type_meta
     : w->number == 2 ? out.raw
     : w->number == 3 ? out.encoding
                      : out.type) = w->bytes;
  }
  for (WireReader in(type_meta); !in.done();) {
    const auto w = in.next();
    if (!w || w->type != WireType::bytes || w->number > 2)
      return undecodable("its frame has no runtime.TypeMeta");
    (w->number == 1 ? out.api_version : out.kind) = w->bytes;
  }
  if (!out.encoding.empty()) return undecodable("its content is encoded once more");
  if (!out.type.empty() && out.type != "application/vnd.kubernetes.protobuf")
    return undecodable("its content is not protobuf");
  if (!is_utf8(out.api_version) || !is_utf8(out.kind)) return undecodable("its kind is not UTF-8");
  return out;
}

class Decoder {
 public:
  explicit Decoder(const Schema& schema) : schema_(schema) {}

  Answer<json::object> frame(std::string_view body, const Message* expected, int depth) {
    const auto unknown = TRY(read_frame(body));
    const auto* m =
        expected != nullptr ? expected : message_of_kind(schema_, unknown.api_version, unknown.kind);
    if (m == nullptr)
      return bad_request(
          fmt::format("no kind \"{}\" is registered for version \"{}\"", unknown.kind, unknown.api_version));
    json::object out;
    if (!unknown.api_version.empty()) out["apiVersion"] = unknown.api_version;
    if (!unknown.kind.empty()) out["kind"] = unknown.kind;
    TRY(message(*m, unknown.raw, out, depth));
    return out;
  }

 private:
  Answer<> message(const Message& m, std::string_view bytes, json::object& out, int depth) {
    if (depth > kMaxMessageDepth) return undecodable("it is nested too deep");
    std::size_t hint = 0;  // fields mostly come in the order of the table
    for (WireReader in(bytes); !in.done();) {
      const auto w = in.next();
      if (!w) return undecodable(fmt::format("{} is cut off or broken", m.name));
      const auto* f = field_numbered(m, w->number, hint);
      if (f != nullptr)
        TRY(field(m, *f, *w, out, depth));
      else if (w->value != 0 || !w->bytes.empty())  // what holds nothing is no loss
        return undecodable(
            fmt::format("{} has a field number {} that this server does not know", m.name, w->number));
    }
    return {};
  }

  static const Field* field_numbered(const Message& m, std::uint32_t number, std::size_t& hint) {
    const auto n = m.fields.size();
    for (std::size_t i = 0; i < n; ++i) {
      const auto at = (hint + i) % n;
      if (m.fields[at].number == number) {
        hint = at;
        return &m.fields[at];
      }
    }
    return nullptr;
  }

  Answer<> field(const Message& m, const Field& f, const WireField& w, json::object& out, int depth) {
    if (f.inlined && w.type == WireType::bytes) return message(*f.type.message, w.bytes, out, depth + 1);
    switch (f.type.shape) {
      case Shape::map:
        return entry(m, f, w, out, depth);
      case Shape::list:
        return elements(m, f, w, out, depth);
      case Shape::one:
        break;
    }
    if (f.type.kind == Kind::message && w.type == WireType::bytes)
      return message(*f.type.message, w.bytes, object_at(out, f.name), depth + 1);  // given twice: merged
    auto v = TRY(value(m, f, w, depth));
    const bool absent = v.is_null() || (!f.pointer && !f.required && is_zero(f.type, v));
    if (absent)
      out.erase(f.name);
    else
      out[f.name] = std::move(v);
    return {};
  }

  Answer<> elements(const Message& m, const Field& f, const WireField& w, json::object& out, int depth) {
    const auto kind = f.type.kind;
    const bool packed = w.type == WireType::bytes && (is_varint(kind) || kind == Kind::float64);
    if (packed && w.bytes.empty()) return {};  // no list, not an empty one
    auto& slot = out[f.name];
    auto& list = slot.is_array() ? slot.get_array() : slot.emplace_array();
    if (!packed) {
      list.push_back(TRY(value(m, f, w, depth)));
      return {};
    }
    for (WireReader in(w.bytes); !in.done();) {
      const auto number = kind == Kind::float64 ? in.fixed(8) : in.varint();
      if (!number) return broken(m, f);
      list.push_back(TRY(value(m, f,
                               {.number = w.number,
                                .type = kind == Kind::float64 ? WireType::fixed64 : WireType::varint,
                                .value = *number},
                               depth)));
    }
    return {};
  }

  Answer<> entry(const Message& m, const Field& f, const WireField& w, json::object& out, int depth) {
    if (w.type != WireType::bytes) return broken(m, f);
    std::string_view key;
    json::value content = f.type.kind == Kind::json ? json::value(json::array()) : zero(f.type.kind);
    for (WireReader in(w.bytes); !in.done();) {
      const auto part = in.next();
      if (!part || part->number > 2) return broken(m, f);
      if (part->number == 2)
        content = f.type.kind == Kind::json ? TRY(extra_value(m, f, *part)) : TRY(value(m, f, *part, depth));
      else if (part->type == WireType::bytes && is_utf8(part->bytes))
        key = part->bytes;
      else
        return broken(m, f);
    }
    object_at(out, f.name)[key] = std::move(content);
    return {};
  }

  /// The only maps of no fixed type are those of a user's "extra": lists of text.
  static Answer<json::value> extra_value(const Message& m, const Field& f, const WireField& w) {
    json::array out;
    if (w.type != WireType::bytes) return broken(m, f);
    for (WireReader in(w.bytes); !in.done();) {
      const auto item = in.next();
      if (!item || item->number != 1 || item->type != WireType::bytes || !is_utf8(item->bytes))
        return broken(m, f);
      out.emplace_back(item->bytes);
    }
    return out;
  }

  /// null: nothing is there (a Time without content).
  Answer<json::value> value(const Message& m, const Field& f, const WireField& w, int depth) {
    const auto kind = f.type.kind;
    const auto wanted = is_varint(kind)         ? WireType::varint
                        : kind == Kind::float64 ? WireType::fixed64
                                                : WireType::bytes;
    if (w.type != wanted) return broken(m, f);
    switch (kind) {
      case Kind::boolean:
        return json::value(w.value != 0);
      case Kind::int32:
        return json::value(std::int64_t{static_cast<std::int32_t>(w.value)});
      case Kind::int64:
        return json::value(static_cast<std::int64_t>(w.value));
      case Kind::float64: {
        const auto number = std::bit_cast<double>(w.value);
        if (!std::isfinite(number)) return broken(m, f);  // JSON has no such number
        return json::value(number);
      }
      case Kind::bytes:
        return json::value(base64_encode(w.bytes));
      case Kind::string:
        if (!is_utf8(w.bytes)) return undecodable(fmt::format("{}.{} is not UTF-8", m.name, f.name));
        return json::value(w.bytes);
      case Kind::message: {
        json::object out;
        TRY(message(*f.type.message, w.bytes, out, depth + 1));
        return json::value(std::move(out));
      }
      default:
        return special(m, f, w.bytes, depth);
    }
  }

  Answer<json::value> special(const Message& m, const Field& f, std::string_view bytes, int depth) {
    std::uint64_t numbers[3] = {};  // field 1, 2 and 3 of the special message: no more in any of them
    std::string_view texts[3];
    for (WireReader in(bytes); !in.done();) {
      const auto w = in.next();
      if (!w || w->number > 3) return broken(m, f);
      numbers[w->number - 1] = w->value;
      texts[w->number - 1] = w->bytes;
    }
    switch (f.type.kind) {
      case Kind::quantity:
        return quantity(m, f, texts[0]);
      case Kind::int_or_string:
        if (numbers[0] == 0) return json::value(std::int64_t{static_cast<std::int32_t>(numbers[1])});
        if (!is_utf8(texts[2])) return broken(m, f);
        return json::value(texts[2]);
      case Kind::time:
      case Kind::micro_time: {
        if (bytes.empty()) return json::value();
        const auto form = f.type.kind == Kind::time ? TimeForm::seconds : TimeForm::micros;
        const auto text = print_time({.seconds = static_cast<std::int64_t>(numbers[0]),
                                      .nanos = static_cast<std::int32_t>(numbers[1])},
                                     form);
        if (!text) return broken(m, f);
        return json::value(*text);
      }
      case Kind::duration:
        return json::value(print_duration(static_cast<std::int64_t>(numbers[0])));
      default:
        return any(m, f, texts[0], depth);
    }
  }

  static Answer<json::value> quantity(const Message& m, const Field& f, std::string_view text) {
    if (text.empty()) return json::value("0");
    const auto parsed = Quantity::parse(text);
    if (!parsed) return undecodable(fmt::format("{}.{}: {}", m.name, f.name, parsed.error().detail));
    return json::value(parsed->str());
  }

  /// FieldsV1 and RawExtension hold JSON; the latter may also hold a frame like the outermost.
  Answer<json::value> any(const Message& m, const Field& f, std::string_view raw, int depth) {
    if (raw.empty()) return json::value();
    if (is_protobuf(raw)) {
      if (depth > kMaxMessageDepth) return undecodable("it is nested too deep");
      return json::value(TRY(frame(raw, nullptr, depth + 1)));
    }
    auto parsed = parse_json(raw);
    if (!parsed) return undecodable(fmt::format("{}.{}: {}", m.name, f.name, parsed.error().message));
    return std::move(parsed->value);
  }

  static std::unexpected<Status> broken(const Message& m, const Field& f) {
    return undecodable(fmt::format("{}.{} does not hold what its type says", m.name, f.name));
  }

  const Schema& schema_;
};

}  // namespace

bool is_protobuf(std::string_view body) { return body.starts_with(kFrameStart); }

const Message* message_of_kind(const Schema& schema, std::string_view api_version, std::string_view kind) {
  if (const auto* r = schema.kind(api_version, kind)) return r->message;
  const auto* meta = schema.message(fmt::format("io.k8s.apimachinery.pkg.apis.meta.v1.{}", kind));
  return meta != nullptr && meta->field("kind") != nullptr ? meta : nullptr;
}

Answer<json::object> from_protobuf(const Schema& schema, std::string_view body) {
  return Decoder(schema).frame(body, nullptr, 0);
}

Answer<json::object> from_protobuf(const Schema& schema, const Message& message, std::string_view body) {
  return Decoder(schema).frame(body, &message, 0);
}

}  // namespace podwire::kube
