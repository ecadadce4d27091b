#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "streaming/spdy_frame.h"

/// Any bytes of a client are frames or an error; what was read and is written again reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace podwire::streaming::spdy;
  FrameReader reader, again;
  FrameWriter writer;
  reader.push({reinterpret_cast<const char*>(data), size});
  for (;;) {
    auto frame = reader.next();
    if (!frame || !*frame) break;
    auto& seen = **frame;
    if (seen.kind != Frame::Kind::syn_stream && seen.kind != Frame::Kind::syn_reply) seen.fields.clear();
    if (seen.kind == Frame::Kind::other) continue;
    again.push(writer.encode(seen));
    const auto back = again.next();
    if (!back || *back != seen) std::abort();
  }
  return 0;
}
