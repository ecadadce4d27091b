#include "lab/narrator.h"

#include <fmt/format.h>

#include "lab/text.h"

namespace podwire::lab {
namespace {

constexpr std::size_t kWidth = 80;

/// SGR sequences of ECMA-48.
std::string_view sgr(int code) {
  switch (code) {
    case 1:
      return "\033[1m";
    case 2:
      return "\033[2m";
    case 3:
      return "\033[32m";
    case 4:
      return "\033[31m";
    case 5:
      return "\033[36m";
    default:
      return "";
  }
}

}  // namespace

bool Narrator::told() const {
  return report_.steps.empty() || options_.only.empty() || options_.only.contains(report_.steps.back().id);
}

void Narrator::line(std::string_view text, Ink ink) {
  if (!options_.text || !options_.print) return;
  const auto on = options_.color ? sgr(static_cast<int>(ink)) : "";
  options_.print(fmt::format("{}{}{}\n", on, text, on.empty() ? "" : "\033[0m"));
}

void Narrator::paragraph(std::string_view text, std::size_t indent, Ink ink) {
  for (const auto& l : wrap(text, kWidth - indent)) line(fmt::format("{:{}}{}", "", indent, l), ink);
}

void Narrator::headline(std::string_view title, std::string_view text) {
  line(title, Ink::bold);
  line("");
  paragraph(text, 0);
}

Result<> Narrator::step(const std::string& id, const std::string& title) {
  report_.steps.push_back({.id = id, .title = title, .commands = {}, .statements = {}});
  if (!told()) return {};
  if (++told_steps_ > 1 && options_.wait_for_key) TRY(options_.wait_for_key());
  const std::string head = fmt::format("── {}. {} [{}] ", told_steps_, title, id);
  std::string rule;
  for (std::size_t n = columns(head); n < kWidth; ++n) rule += "─";
  line("");
  line(head + rule, Ink::bold);
  return {};
}

void Narrator::say(std::string_view text) {
  if (told()) paragraph(text, 0);
}

void Narrator::command(const std::string& machine, const std::string& typed, std::string_view output) {
  const std::string text = fmt::format("{}$ {}", machine, typed);
  if (!report_.steps.empty()) report_.steps.back().commands.push_back(text);
  if (!told()) return;
  line("  " + text, Ink::typed);
  show(output);
}

void Narrator::show(std::string_view output) {
  if (!told()) return;
  for (const auto& l : lines_of(output)) line(l.empty() ? "" : "    " + l);
}

void Narrator::check(Statement statement) {
  const auto ink = statement.holds ? Ink::good : Ink::bad;
  if (told() || !statement.holds) {
    bool first = true;
    for (const auto& l : wrap(statement.seen, kWidth - 4)) {
      line(fmt::format("  {} {}", !first ? " " : statement.holds ? "✓" : "✗", l), ink);
      first = false;
    }
    if (!statement.holds && !statement.expected.empty())
      paragraph("expected: " + statement.expected, 4, Ink::bad);
    if (!statement.look.empty()) paragraph("look: " + statement.look, 4, Ink::dim);
  }
  if (report_.steps.empty()) report_.steps.push_back({});
  report_.steps.back().statements.push_back(std::move(statement));
}

void Narrator::break_off(const Error& error) {
  report_.broken_off = error.message();
  paragraph("✗ ended early: " + report_.broken_off, 2, Ink::bad);
}

void Narrator::summary() {
  line("");
  line(report_.summary(), report_.good() ? Ink::good : Ink::bad);
  for (const auto& step : report_.steps)
    for (const auto& s : step.statements)
      if (!s.holds)
        paragraph(fmt::format("✗ in step {}: {} (expected: {})", step.id, s.seen, s.expected), 2, Ink::bad);
  if (!report_.broken_off.empty()) paragraph("ended early: " + report_.broken_off, 2, Ink::bad);
}

}  // namespace podwire::lab
