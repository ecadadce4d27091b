#include "http/message.h"

#include "base/ascii.h"
#include "http/client.h"

namespace podwire::http {

bool same_name(std::string_view a, std::string_view b) { return same_ignoring_case(a, b); }

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& [n, value] : headers)
    if (same_name(n, name)) return value;
  return {};
}

std::string_view Request::header(std::string_view name) const { return find_header(headers, name); }
std::string_view Reply::header(std::string_view name) const { return find_header(headers, name); }

Task<Result<std::unique_ptr<Duplex>>> Responder::upgrade(Headers) {
  co_return fail("upgrade", "connection", 0, "there is none to give away");
}

Task<Result<Upgraded>> Client::upgrade(Call call) {
  co_return fail("upgrade", call.method + " " + call.target, 0, "there is no connection to do it with");
}

}  // namespace podwire::http
