#include "http/socket_stream.h"

namespace podwire::http {

std::unexpected<Error> failed(std::string_view verb, std::string_view object,
                              const boost::system::error_code& error) {
  if (error.category() == boost::system::system_category()) return fail(verb, object, error.value());
  return fail(verb, object, 0, error.message());
}

}  // namespace podwire::http
