#pragma once
#include "base/result.h"
#include "server/companion.h"
#include "server/options.h"

namespace podwire::server {

/// The API server, until SIGINT or SIGTERM. On first start it makes its certificates in DATA_DIR/pki and
/// writes DATA_DIR/admin.kubeconfig (mode 0600), which is rewritten at each start, once the server answers.
/// Says on standard error where it can be reached, and to a service manager that it is ready. Listens on the
/// sockets that such a one has opened, where there are some, in place of its own; `--listen` then still tells
/// by which address others reach it. Errors before that: the data directory, the address, the
/// certificates, the token file. `companion` (nullptr: none) runs while the server does.
Result<> run_server(const Options& options, Companion* companion);

}  // namespace podwire::server
