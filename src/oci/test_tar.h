#pragma once
// For tests only: builds tar archives in memory, also such as no tar program would write.
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace podwire::oci::testing {

struct TarMember {
  std::string path;
  char type = '0';
  std::string content;
  std::string link;
  unsigned mode = 0644;
};

class TarBuilder {
 public:
  TarBuilder& add(const TarMember& m) {
    std::string h(512, '\0');
    const auto put = [&](std::size_t at, std::string_view text) { h.replace(at, text.size(), text); };
    put(0, std::string_view(m.path).substr(0, 100));
    put(100, fmt::format("{:07o}", m.mode));
    put(108, "0000000");
    put(116, "0000000");
    put(124, fmt::format("{:011o}", m.content.size()));
    put(136, "00000000001");
    h[156] = m.type;
    put(157, std::string_view(m.link).substr(0, 100));
    put(257, std::string_view("ustar\00000", 8));
    return raw(h, m.content);
  }
  /// A header whose checksum is set here, then the content.
  TarBuilder& raw(std::string header, std::string_view content) {
    header.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    header.replace(148, 7, fmt::format("{:06o}", sum) + std::string(1, '\0'));
    out_ += header;
    out_ += content;
    out_.append((512 - content.size() % 512) % 512, '\0');
    return *this;
  }
  TarBuilder& pax(std::string_view key, std::string_view value) {
    std::string record = fmt::format(" {}={}\n", key, value);
    std::size_t length = record.size() + 1;
    while (fmt::format("{}", length).size() + record.size() != length) ++length;
    return add({.path = "pax", .type = 'x', .content = fmt::format("{}{}", length, record), .link = {}});
  }
  [[nodiscard]] std::string str() const { return out_ + std::string(1024, '\0'); }
  [[nodiscard]] const std::string& without_end() const { return out_; }

 private:
  std::string out_;
};

}  // namespace podwire::oci::testing
