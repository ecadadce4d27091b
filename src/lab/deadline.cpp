#include "lab/deadline.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "lab/interruption.h"

namespace podwire::lab {

int Deadline::milliseconds_left() const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

Result<> Deadline::wait(Fd fd, short events) const {
  for (;;) {
    TRY(Interruption::check());
    pollfd p{fd.raw(), events, 0};
    const int n = ::poll(&p, 1, milliseconds_left());
    if (n > 0) return {};
    if (n == 0) return fail("wait for an answer", {}, ETIMEDOUT);
    if (errno != EINTR) return fail("poll", {}, errno);
  }
}

}  // namespace podwire::lab
