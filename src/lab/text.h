#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace podwire::lab {

/// How many terminal columns UTF-8 text takes: one a code point, which holds for what the demos print (Latin
/// letters, signs, box drawing). Bytes that are no UTF-8 count one each.
[[nodiscard]] std::size_t columns(std::string_view text);

/// Breaks text at blanks into lines of at most `width` columns; a longer word stays whole. Line breaks in the
/// text stay; an empty text is one empty line.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// The lines of a program's output, without trailing blanks and without empty lines at the end.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view output);

}  // namespace podwire::lab
