#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "server/encode.h"

namespace podwire::server {

/// A list's text, a piece at a time: in memory are the objects, which are there anyway, and one piece.
class ListStream {
 public:
  /// `continue_token` empty: there is no more.
  ListStream(Encoding encoding, Page page, std::string_view continue_token, std::chrono::sys_seconds now);

  /// Appends to `out`, about `max_bytes` of it. False: that was the end.
  bool fill(std::string& out, std::size_t max_bytes);
  /// How long the text will be, roughly.
  [[nodiscard]] std::size_t estimate() const;

 private:
  Encoding encoding_;
  Page page_;
  std::string token_;
  std::chrono::sys_seconds now_;
  std::size_t next_ = 0;
  bool begun_ = false;
};

}  // namespace podwire::server
