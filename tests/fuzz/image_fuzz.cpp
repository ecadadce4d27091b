// What `podwire image import` reads of a file that somebody else made: compression, the tar members and their
// content, then an image's configuration. Nothing is written.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "oci/byte_source.h"
#include "oci/image.h"
#include "oci/tar_reader.h"
#include "oci/tree.h"

using namespace podwire;
using namespace podwire::oci;

namespace {

void read_archive(std::string_view input) {
  auto plain = decompress(std::make_unique<TextSource>(input));
  if (!plain) return;
  TarReader tar(**plain);
  constexpr int kMostMembers = 64;
  for (int i = 0; i < kMostMembers; ++i) {
    const auto entry = tar.next();
    if (!entry || !*entry) return;
    const auto clean = clean_path((*entry)->path);
    if (clean && (clean->starts_with('/') || clean->ends_with('/') ||
                  ("/" + *clean + "/").find("/../") != std::string::npos))
      std::abort();
    std::array<std::byte, 256> buffer;
    std::uint64_t content = 0;
    for (int parts = 0; parts < 64; ++parts) {
      const auto n = tar.read(buffer);
      if (!n || *n == 0) break;
      content += *n;
    }
    if (content > (*entry)->size) std::abort();
  }
}

void read_config(std::string_view input) {
  const auto config = parse_image_config(input);
  if (config && !parse_image_config(input)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  read_archive(input);
  read_config(input);
  [[maybe_unused]] const auto name = familiar_name(input);
  return 0;
}
