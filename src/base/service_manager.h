#pragma once
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire {

// What a service manager (systemd, or podwire's own lab) and a service say to each other; see
// sd_listen_fds(3) and sd_notify(3). Not thread-safe: they read and change the environment.

/// The sockets that were opened for us before we were started, and are from now on ours (LISTEN_FDS and
/// LISTEN_PID; pid 0 is taken for "whoever reads this", where the one that starts us cannot know our pid).
/// The second call, and our children, get none.
[[nodiscard]] Result<std::vector<UniqueFd>> take_inherited_sockets();

/// Sends a state such as "READY=1" to who waits for it (NOTIFY_SOCKET). Success where nobody does. Once:
/// programs that we start after that do not inherit it. Call it while there is one thread.
Result<> notify_service_manager(std::string_view state);

}  // namespace podwire
