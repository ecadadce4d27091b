#include "kube/codec/wire.h"

namespace podwire::kube {

std::optional<std::uint64_t> WireReader::varint() {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < rest_.size() && i < 10; ++i) {
    const auto byte = static_cast<std::uint8_t>(rest_[i]);
    if (i == 9 && byte > 1) return std::nullopt;  // more than 64 bits
    out |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if ((byte & 0x80) == 0) {
      rest_.remove_prefix(i + 1);
      return out;
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> WireReader::fixed(std::size_t width) {
  if (rest_.size() < width) return std::nullopt;
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < width; ++i)
    out |= std::uint64_t{static_cast<std::uint8_t>(rest_[i])} << (8 * i);
  rest_.remove_prefix(width);
  return out;
}

std::optional<WireField> WireReader::next() {
  const auto tag = varint();
  if (!tag || *tag >> 3 == 0 || *tag >> 3 > 0x1fffffff) return std::nullopt;
  WireField out{.number = static_cast<std::uint32_t>(*tag >> 3), .type = static_cast<WireType>(*tag & 7)};
  std::optional<std::uint64_t> value;
  switch (out.type) {
    case WireType::varint:
      value = varint();
      break;
    case WireType::fixed64:
      value = fixed(8);
      break;
    case WireType::fixed32:
      value = fixed(4);
      break;
    case WireType::bytes:
      value = varint();
      if (!value || *value > rest_.size()) return std::nullopt;
      out.bytes = rest_.substr(0, *value);
      rest_.remove_prefix(*value);
      return out;
    default:
      return std::nullopt;  // groups: Kubernetes has none
  }
  if (!value) return std::nullopt;
  out.value = *value;
  return out;
}

void WireWriter::put(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
  out_ += static_cast<char>(value);
}

void WireWriter::varint(std::uint32_t number, std::uint64_t value) {
  tag(number, WireType::varint);
  put(value);
}

void WireWriter::fixed64(std::uint32_t number, std::uint64_t value) {
  tag(number, WireType::fixed64);
  for (int i = 0; i < 8; ++i) out_ += static_cast<char>(value >> (8 * i));
}

void WireWriter::bytes(std::uint32_t number, std::string_view content) {
  tag(number, WireType::bytes);
  put(content.size());
  out_ += content;
}

}  // namespace podwire::kube
