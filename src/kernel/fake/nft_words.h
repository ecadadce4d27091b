#pragma once
#include <cstddef>
#include <string_view>

namespace podwire::kernel::fake {

/// Splits nft's language into words: names and numbers, quoted strings, "{", "}", ",", ":"; the end of a line
/// and ";" both come as kEnd. Comments and spaces are passed over. The text must outlive this object.
class NftWords {
 public:
  static constexpr std::string_view kEnd = "\n";

  explicit NftWords(std::string_view text) : text_(text) {}
  /// The next word; "" at the end of the text.
  std::string_view next();
  std::string_view peek();
  /// Past the rest of a statement with all its blocks, but not past a "}" that closes the block around it.
  /// False: the text ended inside a block.
  bool skip_statement();

 private:
  std::string_view take(std::size_t n);
  void skip_blanks();
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace podwire::kernel::fake
