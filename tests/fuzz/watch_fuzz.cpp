#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "client/lines.h"
#include "client/watch_event.h"

namespace {

using namespace podwire::client;

std::vector<std::string> lines_of(std::string_view stream, std::size_t piece) {
  std::vector<std::string> out;
  Lines lines(1 << 10);
  for (; !stream.empty() && !lines.too_long(); stream.remove_prefix(std::min(piece, stream.size()))) {
    lines.add(stream.substr(0, piece));
    while (const auto line = lines.next()) out.emplace_back(*line);
  }
  return out;
}

}  // namespace

// The bytes of a watch: cut into the same lines whatever the pieces are that they come in; and each line is
// an event with a name and a revision, or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto lines = lines_of(stream, stream.size() + 1);
  if (lines != lines_of(stream, 1 + data[0] % 16)) std::abort();
  for (const auto& line : lines) {
    const auto event = watch_event_from(line);
    if (event && event->type != WatchEvent::Type::bookmark &&
        podwire::kube::text_in(event->object, "metadata", "name").empty())
      std::abort();
    if (!event) static_cast<void>(sentence(event.error()));
  }
  static_cast<void>(refusal_from(500, stream));
  return 0;
}
