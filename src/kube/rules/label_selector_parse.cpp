// The grammar of `labelSelector=`: requirements joined by commas, each KEY, !KEY, KEY=VALUE, KEY==VALUE,
// KEY!=VALUE, KEY in (VALUES), KEY notin (VALUES), KEY>N or KEY<N. An empty VALUE is a value.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <expected>
#include <set>

#include "kube/rules/label_selector.h"
#include "kube/rules/names.h"

namespace podwire::kube {
namespace {

using Op = Requirement::Op;

struct Token {
  enum class Kind : std::uint8_t { end, word, op, comma, open, close, bang, wrong } kind = Kind::end;
  std::string text;  ///< as written; of `wrong`, what to say about it
};

constexpr std::string_view kSpecial = "=!(),><", kSpace = " \t\r\n";

/// Cuts a selector into words and operators.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}

  Token next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
    if (rest_.empty() || rest_.front() == '\0') return {};
    if (!kSpecial.contains(rest_.front())) {
      constexpr std::string_view kEndsWord("=!(),>< \t\r\n\0", 12);
      return {Token::Kind::word, take(rest_.find_first_of(kEndsWord))};
    }
    for (const std::string_view two : {"==", "!="})
      if (rest_.starts_with(two)) return {Token::Kind::op, take(2)};
    switch (rest_.front()) {
      case '(':
        return {Token::Kind::open, take(1)};
      case ')':
        return {Token::Kind::close, take(1)};
      case ',':
        return {Token::Kind::comma, take(1)};
      case '!':
        return {Token::Kind::bang, take(1)};
      default:
        return {Token::Kind::op, take(1)};
    }
  }

 private:
  std::string take(std::size_t length) {
    std::string out(rest_.substr(0, length));
    rest_.remove_prefix(out.size());
    return out;
  }
  std::string_view rest_;
};

template <class T = void>
using Parsed = std::expected<T, std::string>;  // or the sentence for the client

std::unexpected<std::string> expected(std::string_view found, std::string_view what) {
  return std::unexpected(fmt::format("found '{}', expected: {}", found, what));
}

std::unexpected<std::string> invalid(std::string_view field, std::string_view value, const Complaints& why) {
  return std::unexpected(
      fmt::format("{}: Invalid value: {}: {}", field, quoted(value), fmt::join(why, "; ")));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) { advance(); }

  Parsed<std::vector<Requirement>> parse() {
    std::vector<Requirement> out;
    if (token_.kind == Token::Kind::end) return out;
    if (!starts_requirement()) return expected(token_.text, "!, identifier, or 'end of string'");
    for (;;) {
      auto one = requirement();
      if (!one) return std::unexpected("unable to parse requirement: " + one.error());
      out.push_back(*std::move(one));
      if (token_.kind == Token::Kind::end) return out;
      if (token_.kind != Token::Kind::comma) return expected(token_.text, "',' or 'end of string'");
      advance();
      if (!starts_requirement()) return expected(token_.text, "identifier after ','");
    }
  }

 private:
  void advance() { token_ = lexer_.next(); }
  [[nodiscard]] bool starts_requirement() const {
    return token_.kind == Token::Kind::word || token_.kind == Token::Kind::bang;
  }
  [[nodiscard]] bool ends_requirement() const {
    return token_.kind == Token::Kind::end || token_.kind == Token::Kind::comma;
  }

  Parsed<Requirement> requirement() {
    Requirement out;
    const bool negated = token_.kind == Token::Kind::bang;
    if (negated) advance();
    if (token_.kind != Token::Kind::word) return expected(token_.text, "identifier");
    out.key = token_.text;
    if (const auto why = qualified_name(out.key); !why.empty()) return invalid("<nil>", out.key, why);
    advance();
    if (negated) {
      out.op = Op::absent;
      return out;
    }
    if (ends_requirement()) return out;
    if (auto op = operation(); !op)
      return std::unexpected(op.error());
    else
      out.op = *op;
    auto values = out.op == Op::in || out.op == Op::not_in ? value_list() : one_value();
    if (!values) return std::unexpected(values.error());
    out.values.assign(values->begin(), values->end());
    if (auto good = check_values(out); !good) return std::unexpected(good.error());
    return out;
  }

  Parsed<Op> operation() {
    const auto text = token_.text;
    const auto kind = token_.kind;
    advance();
    if (kind == Token::Kind::word && text == "in") return Op::in;
    if (kind == Token::Kind::word && text == "notin") return Op::not_in;
    if (kind == Token::Kind::op) {
      if (text == "=" || text == "==") return Op::equals;
      if (text == "!=") return Op::not_equals;
      return text == ">" ? Op::greater : Op::less;
    }
    return expected(text, "in, notin, =, ==, !=, gt, lt");
  }

  Parsed<std::set<std::string>> one_value() {
    if (ends_requirement()) return std::set<std::string>{""};
    if (token_.kind != Token::Kind::word) return expected(token_.text, "identifier");
    std::set<std::string> out{token_.text};
    advance();
    return out;
  }

  /// "(a,b)"; what is missing between commas is the empty value.
  Parsed<std::set<std::string>> value_list() {
    if (token_.kind != Token::Kind::open)
      return std::unexpected(fmt::format("found '{}' expected: '('", token_.text));
    advance();
    std::set<std::string> out;
    for (;;) {
      if (token_.kind == Token::Kind::word) {
        out.insert(token_.text);
        advance();
      } else {
        out.insert("");
      }
      if (token_.kind == Token::Kind::close) break;
      if (token_.kind != Token::Kind::comma) return expected(token_.text, "',' or ')'");
      advance();
    }
    advance();
    return out;
  }

  static Parsed<> check_values(const Requirement& r) {
    for (std::size_t i = 0; i < r.values.size(); ++i) {
      const auto& value = r.values[i];
      if (r.op == Op::greater || r.op == Op::less) {
        std::int64_t number = 0;
        const auto* end = value.data() + value.size();
        if (const auto [rest, error] = std::from_chars(value.data(), end, number);
            error != std::errc() || rest != end)
          return invalid(fmt::format("values[{}]", i), value,
                         {"for 'Gt', 'Lt' operators, the value must be an integer"});
      }
      if (const auto why = label_value(value); !why.empty())
        return invalid(fmt::format("values[{}][{}]", i, r.key), value, why);
    }
    return {};
  }

  Lexer lexer_;
  Token token_;
};

}  // namespace

Answer<LabelSelector> LabelSelector::parse(std::string_view text) {
  auto requirements = Parser(text).parse();
  if (!requirements) return bad_request(std::move(requirements).error());
  return LabelSelector(*std::move(requirements));
}

}  // namespace podwire::kube
