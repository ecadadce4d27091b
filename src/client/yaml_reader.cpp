#include "client/yaml_reader.h"

#include <fmt/format.h>
#include <yaml.h>

#include <charconv>
#include <cmath>
#include <map>
#include <string>

namespace podwire::client {
namespace {

constexpr std::size_t kLargest = 1 << 20;
constexpr std::size_t kValues = 50'000;
constexpr int kDepth = 64;

std::unexpected<Error> wrong(std::size_t line, std::string_view why) {
  return fail("read YAML", fmt::format("line {}", line + 1), 0, why);
}

template <class N>
bool is_number(std::string_view text, N& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size();
}

/// A scalar without quotes, as YAML 1.2's core schema reads it.
json::value plain(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text.find_first_not_of("+-.0123456789eE") == std::string_view::npos) {
    const auto digits = text.starts_with('+') ? text.substr(1) : text;
    if (std::int64_t whole = 0; is_number(digits, whole)) return whole;
    if (double real = 0; is_number(digits, real) && std::isfinite(real)) return real;
  }
  return json::string(text);
}

std::size_t values_in(const json::value& value) {
  std::size_t out = 1;
  if (const auto* object = value.if_object())
    for (const auto& member : *object) out += values_in(member.value());
  if (const auto* array = value.if_array())
    for (const auto& element : *array) out += values_in(element);
  return out;
}

/// An event of libyaml that frees itself.
struct Event : yaml_event_t {
  Event() : yaml_event_t{} {}
  ~Event() { yaml_event_delete(this); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  [[nodiscard]] std::size_t line() const { return start_mark.line; }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(data.scalar.value), data.scalar.length};
  }
};

std::string name_of(const yaml_char_t* anchor) {
  return anchor == nullptr ? std::string() : reinterpret_cast<const char*>(anchor);
}

class Reader {
 public:
  explicit Reader(std::string_view text) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Reader() { yaml_parser_delete(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<json::value> document() {
    json::value out;
    int documents = 0;
    for (;;) {
      Event event;
      TRY(next(event));
      if (event.type == YAML_STREAM_END_EVENT) return out;
      if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_END_EVENT) continue;
      if (event.type == YAML_DOCUMENT_START_EVENT) {
        if (++documents > 1) return wrong(event.line(), "a second document");
        continue;
      }
      out = TRY(value(event, 0));
    }
  }

 private:
  Result<> next(Event& event) {
    if (yaml_parser_parse(&parser_, &event) != 0) return {};
    return wrong(parser_.problem_mark.line, parser_.problem != nullptr ? parser_.problem : "no YAML");
  }

  Result<> spend(std::size_t values, const Event& event) {
    spent_ += values;
    if (spent_ > kValues) return wrong(event.line(), "more values than any configuration has");
    return {};
  }

  Result<json::value> value(const Event& event, int depth) {
    TRY(spend(1, event));
    if (depth > kDepth) return wrong(event.line(), "nested too deep");
    switch (event.type) {
      case YAML_ALIAS_EVENT:
        return alias(event);
      case YAML_SCALAR_EVENT:
        return remember(event, name_of(event.data.scalar.anchor), scalar(event));
      case YAML_SEQUENCE_START_EVENT: {
        auto items = TRY(sequence(depth));
        return remember(event, name_of(event.data.sequence_start.anchor), std::move(items));
      }
      case YAML_MAPPING_START_EVENT: {
        auto members = TRY(mapping(depth));
        return remember(event, name_of(event.data.mapping_start.anchor), std::move(members));
      }
      default:
        return wrong(event.line(), "a value is expected");
    }
  }

  static json::value scalar(const Event& event) {
    if (event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event.data.scalar.tag == nullptr)
      return plain(event.text());
    return json::string(event.text());
  }

  Result<json::value> sequence(int depth) {
    json::array out;
    for (;;) {
      Event event;
      TRY(next(event));
      if (event.type == YAML_SEQUENCE_END_EVENT) return json::value(std::move(out));
      out.push_back(TRY(value(event, depth + 1)));
    }
  }

  Result<json::value> mapping(int depth) {
    json::object out;
    for (;;) {
      Event key;
      TRY(next(key));
      if (key.type == YAML_MAPPING_END_EVENT) return json::value(std::move(out));
      if (key.type != YAML_SCALAR_EVENT) return wrong(key.line(), "a key is text");
      Event event;
      TRY(next(event));
      auto member = TRY(value(event, depth + 1));
      if (!out.emplace(key.text(), std::move(member)).second)
        return wrong(key.line(), fmt::format("key \"{}\" stands twice", key.text()));
    }
  }

  Result<json::value> remember(const Event& event, const std::string& anchor, json::value value) {
    if (anchor.empty()) return value;
    TRY(spend(values_in(value), event));
    anchors_[anchor] = value;
    return value;
  }

  Result<json::value> alias(const Event& event) {
    const auto found = anchors_.find(name_of(event.data.alias.anchor));
    if (found == anchors_.end()) return wrong(event.line(), "an alias of nothing before it");
    TRY(spend(values_in(found->second), event));
    return found->second;
  }

  yaml_parser_t parser_{};
  std::map<std::string, json::value> anchors_;
  std::size_t spent_ = 0;
};

}  // namespace

Result<json::value> json_from_yaml(std::string_view text) {
  if (text.size() > kLargest) return fail("read YAML", "", 0, "larger than 1 MiB");
  return Reader(text).document();
}

}  // namespace podwire::client
