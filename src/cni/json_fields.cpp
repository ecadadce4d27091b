#include "cni/json_fields.h"

#include <boost/json/serializer.hpp>

namespace podwire::cni {
namespace json = boost::json;
namespace {

constexpr std::size_t kShownBytes = 80;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_key(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

/// The bytes of the UTF-8 sequence that `text` starts with; 0 when it starts with none.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char b = byte(0);
  const std::size_t n = b < 0x80                ? 1
                        : b >= 0xc2 && b < 0xe0 ? 2
                        : (b & 0xf0) == 0xe0    ? 3
                        : b >= 0xf0 && b < 0xf5 ? 4
                                                : 0;
  if (n == 0 || n > text.size()) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  // Overlong forms, surrogates, and what is above U+10FFFF.
  const unsigned char second = n > 1 ? byte(1) : 0;
  if ((b == 0xe0 && second < 0xa0) || (b == 0xed && second > 0x9f) || (b == 0xf0 && second < 0x90) ||
      (b == 0xf4 && second > 0x8f))
    return 0;
  return n;
}

}  // namespace

std::string as_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t n = utf8_sequence(text);
    if (n == 0)
      out += '?';
    else
      out += text.substr(0, n);
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

std::string shown(const json::value& value) {
  json::serializer writer;
  writer.reset(&value);
  char buffer[kShownBytes + 1];
  const auto text = writer.read(buffer, sizeof buffer);
  if (text.size() <= kShownBytes && writer.done()) return text;
  std::size_t cut = kShownBytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;  // not inside a character
  return std::string(text.data(), cut) + "...";
}

Field::Field(const json::object& root, std::string path, Code code)
    : object_(&root), path_(std::move(path)), code_(code) {}

std::unexpected<CniError> Field::refuse(Code code, std::string_view what) const {
  std::string msg = path_;
  if (value_ != nullptr)
    msg += (msg.empty() ? "" : ": ") + shown(*value_) + " ";
  else
    msg += msg.empty() ? "" : ": ";
  return cni::refuse(code, msg + std::string(what));
}

std::unexpected<CniError> Field::refuse(std::string_view what) const { return refuse(code_, what); }

CniResult<Field> Field::member(std::string_view key) const {
  std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  if (!given()) return Field(nullptr, std::move(path), code_);
  if (object_ == nullptr) return refuse("is no object");
  const json::value* found = nullptr;
  for (const auto& member : *object_) {
    if (!same_key(member.key(), key)) continue;
    if (found != nullptr)
      return Field(&member.value(), std::move(path), code_)
          .refuse("is given a second time, in another spelling of the key");
    found = &member.value();
  }
  return Field(found, std::move(path), code_);
}

CniResult<> Field::read(std::string& out) const {
  if (!given()) return {};
  if (value_ == nullptr || !value_->is_string()) return refuse("is no string");
  const auto& text = value_->get_string();
  // A path or name that ends early for the kernel is not the one that was checked.
  if (text.find('\0') != json::string::npos) return refuse("contains a NUL character");
  out.assign(text.data(), text.size());
  return {};
}

CniResult<> Field::read(bool& out) const {
  if (!given()) return {};
  if (value_ == nullptr || !value_->is_bool()) return refuse("is neither true nor false");
  out = value_->get_bool();
  return {};
}

CniResult<> Field::read(std::vector<std::string>& out) const {
  if (!given()) return {};
  std::vector<std::string> list;
  TRY(each([&](const Field& element) -> CniResult<> {
    if (!element.given()) return element.refuse("is no string");
    return element.read(list.emplace_back());
  }));
  out = std::move(list);
  return {};
}

template <class Number>
CniResult<> Field::read_number(Number& out, Number min, Number max) const {
  if (!given()) return {};
  if (value_ == nullptr || !value_->is_number()) return refuse("is no number");
  const bool whole = value_->is_uint64() || (value_->is_int64() && value_->get_int64() >= 0);
  const std::uint64_t n = !whole                ? 0
                          : value_->is_uint64() ? value_->get_uint64()
                                                : static_cast<std::uint64_t>(value_->get_int64());
  if (!whole || n < min || n > max)
    return refuse("is no whole number from " + std::to_string(min) + " to " + std::to_string(max));
  out = static_cast<Number>(n);
  return {};
}

CniResult<> Field::read(std::uint64_t& out, std::uint64_t min, std::uint64_t max) const {
  return read_number(out, min, max);
}
CniResult<> Field::read(std::uint32_t& out, std::uint32_t min, std::uint32_t max) const {
  return read_number(out, min, max);
}
CniResult<> Field::read(std::uint16_t& out, std::uint16_t min, std::uint16_t max) const {
  return read_number(out, min, max);
}
CniResult<> Field::read(std::optional<std::uint32_t>& out) const {
  if (!given()) return {};
  return read(out.emplace());
}

template <class Value>
CniResult<> Field::read_parsed(std::optional<Value>& out, std::string_view kind) const {
  std::string text;
  TRY(read(text));
  if (text.empty()) return {};
  auto parsed = Value::parse(text);
  if (!parsed) return refuse("is no " + std::string(kind));
  out = *parsed;
  return {};
}

CniResult<> Field::read(std::optional<IpAddr>& out) const { return read_parsed(out, "IP address"); }
CniResult<> Field::read(std::optional<Mac>& out) const { return read_parsed(out, "MAC address"); }

CniResult<> Field::read(Cidr& out) const {
  std::string text;
  TRY(read(text));
  if (!given()) return {};
  auto parsed = Cidr::parse(text);
  if (!parsed) return refuse("is no CIDR");
  out = *parsed;
  return {};
}

CniResult<> Field::read_absolute_path(std::string& out) const {
  std::string text;
  TRY(read(text));
  if (text.empty()) return {};
  if (text.front() != '/') return refuse("is no absolute path");
  out = std::move(text);
  return {};
}

CniResult<> Field::require(std::string& out) const {
  if (!given()) return cni::refuse(code_, path_ + " is missing");
  TRY(read(out));
  if (out.empty()) return cni::refuse(code_, path_ + " is empty");
  return {};
}

}  // namespace podwire::cni
