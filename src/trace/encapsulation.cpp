#include "trace/encapsulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "trace/fields.h"

namespace podwire::trace {
namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t kLeastText = 23;  // eight bytes of hex

struct Pen {
  std::string_view top_left, top_right, bottom_left, bottom_right, across, down;
};
constexpr Pen kUnicode{"┌", "┐", "└", "┘", "─", "│"};
constexpr Pen kAscii{"+", "+", "+", "+", "-", "|"};

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

/// Columns on a terminal: what we print is ASCII and box-drawing characters, each one column.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

/// Puts words that belong together into lines of at most `width` columns; a longer word is broken.
Lines wrapped(const std::vector<std::string>& words, std::size_t width) {
  Lines out;
  for (std::string word : words) {
    if (!out.empty() && out.back().size() + 1 + word.size() <= width) {
      out.back() += " " + word;
      continue;
    }
    for (; word.size() > width; word.erase(0, width)) out.push_back(word.substr(0, width));
    out.push_back(std::move(word));
  }
  return out;
}

/// The start of a payload as text when it is text, so that a reader sees what was sent.
std::string as_text(std::span<const std::byte> bytes) {
  constexpr std::size_t kMost = 40;
  std::string out;
  for (const auto b : bytes.first(std::min(bytes.size(), kMost))) {
    const auto c = std::to_integer<unsigned char>(b);
    if (c == '\n' || c == '\r' || c == '\t')
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    else if (c >= ' ' && c < 0x7f)
      out += static_cast<char>(c);
    else
      return {};
  }
  return bytes.size() > kMost ? "\"" + out + "\"..." : "\"" + out + "\"";
}

Lines hex_rows(std::span<const std::byte> bytes, std::size_t width, std::size_t most_rows) {
  const std::size_t row = width >= 47 ? 16 : 8;
  Lines out;
  for (std::size_t at = 0; at < bytes.size(); at += row) {
    if (out.size() == most_rows) {
      out.push_back(fmt::format("... and {} more bytes", bytes.size() - at));
      break;
    }
    std::string line;
    for (const auto b : bytes.subspan(at, std::min(row, bytes.size() - at)))
      line += fmt::format("{}{:02x}", line.empty() ? "" : " ", std::to_integer<unsigned>(b));
    out.push_back(std::move(line));
  }
  return out;
}

std::string title(const Layer& layer) {
  const bool payload = layer.kind == LayerKind::data || layer.kind == LayerKind::padding;
  return fmt::format("{}{}, {} {}{}", name_of(layer.kind), payload ? "" : " header", layer.length,
                     layer.length == 1 ? "byte" : "bytes", layer.truncated ? " (cut off)" : "");
}

/// Title, fields and bytes of one layer, without a border.
Lines contents(const Packet& packet, const Layer& layer, std::size_t width, const BoxStyle& style) {
  std::vector<std::string> words;
  const auto fields = fields_of(layer);
  words.reserve(fields.size() + 1);
  for (const auto& field : fields)
    words.push_back(fmt::format("{} {}{}", field.name, field.value, &field == &fields.back() ? "" : ";"));
  const auto bytes = packet.bytes_of(layer);
  if (layer.kind == LayerKind::data) words.push_back(as_text(bytes));
  std::erase(words, "");
  Lines out = wrapped(words, width);
  const bool payload = layer.kind == LayerKind::data || layer.kind == LayerKind::padding;
  for (auto& line : hex_rows(bytes, width, payload ? style.most_data_rows : bytes.size()))
    out.push_back(std::move(line));
  return out;
}

Lines boxed(const std::string& name, const Lines& inside, std::size_t width, const Pen& pen) {
  Lines out;
  const std::string label = columns(name) + 6 <= width ? " " + name + " " : "";
  out.push_back(fmt::format("{}{}{}{}{}", pen.top_left, pen.across, label,
                            repeated(pen.across, width - 3 - columns(label)), pen.top_right));
  for (const auto& line : inside)
    out.push_back(fmt::format("{} {}{} {}", pen.down, line,
                              repeated(" ", width - 4 - std::min(width - 4, columns(line))), pen.down));
  out.push_back(fmt::format("{}{}{}", pen.bottom_left, repeated(pen.across, width - 2), pen.bottom_right));
  return out;
}

Lines draw(const Packet& packet, std::span<const Layer> layers, std::size_t width, const BoxStyle& style);

/// Everything in the box of the first of these layers, the next layer's box among it. Where the width does
/// not suffice for one more border, the next layer follows without one.
Lines inside_of(const Packet& packet, std::span<const Layer> layers, std::size_t width,
                const BoxStyle& style) {
  Lines out = contents(packet, layers.front(), width, style);
  auto inner = layers.subspan(1);
  // Padding lies beside the packet in the innermost frame, not in it.
  std::size_t beside = inner.size();
  const bool innermost_frame = layers.front().kind == LayerKind::ethernet &&
                               std::ranges::find(inner, LayerKind::ethernet, &Layer::kind) == inner.end();
  while (innermost_frame && beside > 0 && inner[beside - 1].kind == LayerKind::padding) --beside;
  const auto append = [&](std::span<const Layer> next) {
    const bool room = width >= kLeastText + 4;
    if (!room) std::ranges::move(wrapped({title(next.front())}, width), std::back_inserter(out));
    auto lines = room ? draw(packet, next, width, style) : inside_of(packet, next, width, style);
    std::ranges::move(lines, std::back_inserter(out));
  };
  if (beside > 0) append(inner.first(beside));
  for (const auto& padding : inner.subspan(beside)) append({&padding, 1});
  return out;
}

Lines draw(const Packet& packet, std::span<const Layer> layers, std::size_t width, const BoxStyle& style) {
  return boxed(title(layers.front()), inside_of(packet, layers, width - 4, style), width,
               style.unicode ? kUnicode : kAscii);
}

}  // namespace

std::string boxes(const Packet& packet, std::size_t first_layer, const BoxStyle& style) {
  if (first_layer >= packet.layers.size()) return {};
  std::string out;
  const std::size_t width = std::max<std::size_t>(style.width, kLeastText + 4);
  for (const auto& line : draw(packet, std::span(packet.layers).subspan(first_layer), width, style))
    out += line + "\n";
  return out;
}

}  // namespace podwire::trace
