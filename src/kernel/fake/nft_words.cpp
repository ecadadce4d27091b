#include "kernel/fake/nft_words.h"

#include <algorithm>

namespace podwire::kernel::fake {
namespace {
constexpr std::string_view kSingle = "{},:";
constexpr std::string_view kEnds = " \t\r\n;{},:#\"";
}  // namespace

std::string_view NftWords::take(std::size_t n) {
  const auto word = text_.substr(at_, n);
  at_ += word.size();
  return word;
}

void NftWords::skip_blanks() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#')
      at_ = std::min(text_.find('\n', at_), text_.size());
    else if (text_.substr(at_, 2) == "\\\n")
      at_ += 2;
    else if (c == ' ' || c == '\t' || c == '\r')
      ++at_;
    else
      return;
  }
}

std::string_view NftWords::next() {
  skip_blanks();
  if (at_ >= text_.size()) return {};
  const char c = text_[at_];
  if (c == '\n' || c == ';') {
    ++at_;
    return kEnd;
  }
  if (kSingle.contains(c)) return take(1);
  if (c == '"') {
    const auto closing = text_.find('"', at_ + 1);
    return take(closing == std::string_view::npos ? closing : closing + 1 - at_);
  }
  return take(std::min(text_.find_first_of(kEnds, at_), text_.size()) - at_);
}

std::string_view NftWords::peek() {
  const auto here = at_;
  const auto word = next();
  at_ = here;
  return word;
}

bool NftWords::skip_statement() {
  int depth = 0;
  for (;;) {
    const auto word = peek();
    if (word.empty() || (word == "}" && depth == 0)) return depth == 0;
    next();
    if (word == "{") ++depth;
    if (word == "}") --depth;
    if (word == kEnd && depth == 0) return true;
  }
}

}  // namespace podwire::kernel::fake
