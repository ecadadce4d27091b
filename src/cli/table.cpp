#include "cli/table.h"

#include <algorithm>

namespace podwire::cli {

std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string Table::str(bool bold) const {
  std::vector<std::size_t> widths(headers_.size());
  const auto cell = [](const std::vector<std::string>& row, std::size_t i) {
    return i < row.size() ? row[i] : std::string();
  };
  for (std::size_t i = 0; i < headers_.size(); ++i) {
    widths[i] = display_width(headers_[i]);
    for (const auto& row : rows_) widths[i] = std::max(widths[i], display_width(cell(row, i)));
  }
  const auto line = [&](const std::vector<std::string>& row) {
    std::string out;
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      constexpr std::size_t kGap = 3;
      out += cell(row, i);
      out.append(widths[i] - display_width(cell(row, i)) + kGap, ' ');
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  };
  std::string out = bold ? "\x1b[1m" + line(headers_) + "\x1b[0m\n" : line(headers_) + "\n";
  for (const auto& row : rows_) out += line(row) + "\n";
  return out;
}

}  // namespace podwire::cli
