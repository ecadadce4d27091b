#pragma once
#include "base/result.h"
#include "server/companion.h"
#include "server/options.h"

namespace podwire::server {

/// The API server, until SIGINT or SIGTERM. On first start it makes its certificates in DATA_DIR/pki and
/// writes DATA_DIR/admin.kubeconfig (mode 0600), which is rewritten at each start, once the server answers.
/// Says on standard error where it can be reached. Errors before that: the data directory, the address, the
/// certificates, the token file. `companion` (nullptr: none) runs while the server does.
Result<> run_server(const Options& options, Companion* companion);

}  // namespace podwire::server
