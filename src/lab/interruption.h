#pragma once
#include <csignal>

#include "base/result.h"

namespace podwire::lab {

/// While it lives, SIGINT, SIGTERM and SIGHUP do not kill this process: they ask it to stop, and waiting
/// calls return EINTR. So everything that was made is taken down in order by destructors. One at a time in a
/// process.
class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  /// The signal that asked us to stop; 0: none.
  [[nodiscard]] static int signal();
  /// ECANCELED once we were asked to stop.
  static Result<> check();

 private:
  struct sigaction old_int_{}, old_term_{}, old_hup_{};
};

}  // namespace podwire::lab
