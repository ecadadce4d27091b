#pragma once
#include "http/server.h"
#include "oci/process_identity.h"

namespace podwire::kubelet {

/// Returns when that process has ended; at once when it is not there. Any process, not only a child.
http::Task<void> process_end(oci::ProcessIdentity process);

/// Sends a signal to that very process. Success when it has ended.
Result<> send_signal(oci::ProcessIdentity process, int signal);

}  // namespace podwire::kubelet
