#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/websocket_frame.h"

/// Any bytes of a client, in one piece or cut in two: the same messages, none longer than allowed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace podwire::http;
  constexpr std::size_t kLongest = 1000;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  MessageReader whole(kLongest), cut(kLongest);
  whole.push(bytes);
  cut.push(bytes.substr(0, size / 2));
  bool more = false;
  for (;;) {
    const auto a = whole.next();
    auto b = cut.next();
    if (b && !*b && !more) {
      more = true;
      cut.push(bytes.substr(size / 2));
      b = cut.next();
    }
    if (a != b) std::abort();
    if (!a || !*a) break;
    if ((*a)->payload.size() > kLongest || (*a)->opcode == Opcode::continuation) std::abort();
  }
  return 0;
}
