#include "lab/tap.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "kernel/host.h"
#include "lab/deadline.h"

namespace podwire::lab {

Result<Tap> Tap::open(const kernel::NetNs& netns, const std::string& ifname) {
  const auto rtnl = TRY(kernel::real_host().rtnl(netns));
  const auto link = TRY(rtnl->link(ifname));
  return Tap(TRY(kernel::Capture::open(netns, link.index)), ifname);
}

Result<const std::vector<trace::Packet>*> Tap::seen() {
  for (auto& frame : TRY(capture_.read()))
    frames_.push_back(trace::decode(frame.bytes, frame.original_length));
  if (const auto missed = TRY(capture_.dropped()); missed > 0)
    return fail("capture on", name_, ENOBUFS, std::to_string(missed) + " frames were missed");
  return &frames_;
}

Result<std::size_t> Tap::count(const Wanted& wanted) {
  return static_cast<std::size_t>(std::ranges::count_if(*TRY(seen()), wanted));
}

Result<trace::Packet> Tap::first(const Wanted& wanted, std::chrono::milliseconds patience) {
  const Deadline deadline(patience);
  for (;;) {
    const auto& frames = *TRY(seen());
    const auto found = std::ranges::find_if(frames, wanted);
    if (found != frames.end()) return *found;
    if (auto more = deadline.wait(capture_.fd(), POLLIN); !more)
      return std::unexpected(std::move(more.error()).in("capture on " + name_));
  }
}

}  // namespace podwire::lab
