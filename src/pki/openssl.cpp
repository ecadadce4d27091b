#include "pki/openssl.h"

#include <openssl/bio.h>
#include <openssl/err.h>

namespace podwire::pki {

std::unexpected<Error> failed(std::string_view verb, std::string_view object) {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return fail(verb, object, 0, reason != nullptr ? reason : "OpenSSL says no more");
}

Bio reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string contents(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace podwire::pki
