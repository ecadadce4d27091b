#include "server/list_stream.h"

#include <utility>

namespace podwire::server {

ListStream::ListStream(Encoding encoding, Page page, std::string_view continue_token,
                       std::chrono::sys_seconds now)
    : encoding_(encoding), page_(std::move(page)), token_(continue_token), now_(now) {}

bool ListStream::fill(std::string& out, std::size_t max_bytes) {
  if (!std::exchange(begun_, true)) out += encoding_.list_begin(page_, token_);
  while (next_ < page_.items.size()) {
    if (out.size() >= max_bytes) return true;
    if (next_ > 0) out += ',';
    out += encoding_.list_item(*page_.items[next_], now_);
    page_.items[next_++].reset();  // the store may have let go of it
  }
  out += "]}";
  return false;
}

std::size_t ListStream::estimate() const {
  std::size_t out = 0;
  for (const auto& item : page_.items)
    if (item != nullptr) out += item->json.size();
  return out;
}

}  // namespace podwire::server
