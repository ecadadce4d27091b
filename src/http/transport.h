#pragma once
#include "http/duplex.h"

namespace podwire::http {

/// What a server's connection speaks through: TLS over TCP, or in tests memory. Must not be destroyed while
/// something waits for it.
class Transport : public Duplex {
 public:
  /// To be done first. Tells who is there.
  virtual Task<Result<Peer>> open() = 0;
  /// Who is reading or writing gets an error, but the stream stays.
  virtual void cancel() = 0;
  /// Tells the other side that nothing more will be written.
  virtual void finish() = 0;
};

}  // namespace podwire::http
