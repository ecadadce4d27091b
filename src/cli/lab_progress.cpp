#include "cli/lab_progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace podwire::cli {
namespace {

constexpr std::size_t kMostLines = 20;  // more would scroll away what was there before

}  // namespace

double LabProgress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

std::size_t LabProgress::ready() const {
  return static_cast<std::size_t>(std::ranges::count(lines_, "Ready", &Line::state));
}

std::string LabProgress::drawn() const {
  std::string out;
  if (lines_.size() <= kMostLines) {
    for (const auto& line : lines_)
      out += fmt::format("\r\x1b[K  {:<15} {:<10} {}\n", line.node, line.state, line.trouble);
    return out;
  }
  out = fmt::format("\r\x1b[K  {} of {} nodes are Ready\n", ready(), lines_.size());
  return out;
}

std::string LabProgress::tell(const std::string& node, const std::string& state, const std::string& trouble) {
  auto line = std::ranges::find(lines_, node, &Line::node);
  if (line == lines_.end()) line = lines_.insert(lines_.end(), {node, "", ""});
  const bool news =
      (state == "Ready" && line->state != state) || (!trouble.empty() && trouble != line->trouble);
  line->state = state;
  line->trouble = trouble;
  if (!terminal_)
    return news ? fmt::format("{}: {}{} ({:.2f} s)\n", node, state, trouble.empty() ? "" : "; " + trouble,
                              seconds())
                : std::string();
  std::string out = drawn_lines_ == 0 ? std::string() : fmt::format("\x1b[{}A", drawn_lines_);
  out += drawn();
  drawn_lines_ = lines_.size() <= kMostLines ? lines_.size() : 1;
  // What many lines have left behind when they became one.
  return out + "\x1b[J";
}

}  // namespace podwire::cli
