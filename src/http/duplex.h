#pragma once
#include <string>

#include "base/result.h"
#include "http/message.h"

namespace podwire::http {

/// A stream of bytes in both directions. One coroutine may read while another writes.
class Duplex {
 public:
  /// Closes it.
  virtual ~Duplex() = default;
  /// The next bytes, at most that many; empty: the other side has ended the stream.
  virtual Task<Result<std::string>> read_some(std::size_t at_most) = 0;
  virtual Task<Result<>> write_all(std::string bytes) = 0;
  /// Both directions. Who is reading or writing gets an error.
  virtual void close() = 0;
};

}  // namespace podwire::http
