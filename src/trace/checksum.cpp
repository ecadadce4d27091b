#include "trace/checksum.h"

namespace podwire::trace {

InternetSum& InternetSum::add(std::span<const std::byte> bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const auto high = std::to_integer<std::uint32_t>(bytes[i]);
    const auto low = i + 1 < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + 1]) : 0;
    sum_ += high << 8 | low;
  }
  return *this;
}

InternetSum& InternetSum::add(std::uint32_t number) {
  sum_ += (number >> 16) + (number & 0xffff);
  return *this;
}

std::uint16_t InternetSum::folded() const {
  std::uint64_t sum = sum_;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

InternetSum pseudo_header(const IpAddr& src, const IpAddr& dst, std::uint8_t protocol, std::size_t length) {
  return InternetSum()
      .add(src.bytes())
      .add(dst.bytes())
      .add(protocol)
      .add(static_cast<std::uint32_t>(length));
}

Checksum judge(const InternetSum& start, std::span<const std::byte> segment, std::uint16_t field) {
  if (InternetSum(start).add(segment).folded() == 0xffff) return Checksum::good;
  const auto pseudo = start.folded();
  return pseudo != 0 && field == pseudo ? Checksum::partial : Checksum::bad;
}

}  // namespace podwire::trace
