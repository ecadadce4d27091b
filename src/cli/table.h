#pragma once
#include <string>
#include <vector>

namespace podwire::cli {

/// Columns of text, as wide as their widest cell, three blanks between them, none at the end of a line.
class Table {
 public:
  explicit Table(std::vector<std::string> headers) : headers_(std::move(headers)) {}
  /// As many cells as there are headers; fewer are filled up with empty ones.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// With `bold` the headers are set off by a terminal's escape sequence.
  [[nodiscard]] std::string str(bool bold = false) const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<std::string>> rows_;
};

/// How many columns of a terminal a UTF-8 text takes, counted as one a character.
[[nodiscard]] std::size_t display_width(const std::string& text);

}  // namespace podwire::cli
