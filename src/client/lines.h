#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace podwire::client {

/// Cuts a stream that comes in pieces of any size into lines. Each byte is looked at once.
class Lines {
 public:
  explicit Lines(std::size_t longest) : longest_(longest) {}

  void add(std::string_view piece);
  /// The next whole line without its end ("\n"), empty ones left out; nullopt: there is none yet. Good until
  /// the next add().
  [[nodiscard]] std::optional<std::string_view> next();
  /// What has no end yet is longer than allowed, or a line was: the stream is good for nothing any more.
  [[nodiscard]] bool too_long() const { return too_long_; }

 private:
  std::size_t longest_;
  std::string buffer_;
  std::size_t begin_ = 0;    ///< of the line that comes next
  std::size_t scanned_ = 0;  ///< no end of a line in between
  bool too_long_ = false;
};

}  // namespace podwire::client
