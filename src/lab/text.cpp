#include "lab/text.h"

#include <algorithm>

namespace podwire::lab {
namespace {

/// Appends `word` to the last line, or begins a new one when it does not fit.
void put_word(std::vector<std::string>& lines, std::string_view word, std::size_t width) {
  auto& line = lines.back();
  if (line.empty()) {
    line = word;
  } else if (columns(line) + 1 + columns(word) <= width) {
    line.append(" ").append(word);
  } else {
    lines.emplace_back(word);
  }
}

}  // namespace

std::size_t columns(std::string_view text) {
  // Continuation bytes are 10xxxxxx and take no column of their own.
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  for (bool more = true; more;) {
    const auto end = text.find('\n');
    auto paragraph = text.substr(0, end);
    more = end != std::string_view::npos;
    if (more) text.remove_prefix(end + 1);
    lines.emplace_back();
    while (!paragraph.empty()) {
      const auto blank = std::min(paragraph.find(' '), paragraph.size());
      if (blank > 0) put_word(lines, paragraph.substr(0, blank), width);
      paragraph.remove_prefix(std::min(blank + 1, paragraph.size()));
    }
  }
  return lines;
}

std::vector<std::string> lines_of(std::string_view output) {
  std::vector<std::string> lines;
  while (!output.empty()) {
    const auto end = std::min(output.find('\n'), output.size());
    auto line = output.substr(0, end);
    output.remove_prefix(std::min(end + 1, output.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
      line.remove_suffix(1);
    lines.emplace_back(line);
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace podwire::lab
