#include "client/lines.h"

namespace podwire::client {

void Lines::add(std::string_view piece) {
  // What has been handed out is dropped here, not in next(): its views live until now.
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  buffer_ += piece;
}

std::optional<std::string_view> Lines::next() {
  while (!too_long_) {
    const auto end = buffer_.find('\n', scanned_);
    const auto length = (end == std::string::npos ? buffer_.size() : end) - begin_;
    too_long_ = length > longest_;
    if (too_long_) break;
    if (end == std::string::npos) {
      scanned_ = buffer_.size();
      return std::nullopt;
    }
    const auto line = std::string_view(buffer_).substr(begin_, length);
    begin_ = scanned_ = end + 1;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return line;
  }
  return std::nullopt;
}

}  // namespace podwire::client
