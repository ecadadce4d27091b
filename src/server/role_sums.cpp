#include "server/role_sums.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "server/policy.h"

namespace podwire::server {

void RoleSums::touch() {
  again_ = true;
  if (running_) return;
  running_ = true;
  boost::asio::co_spawn(io_, write(), boost::asio::detached);
}

Task<void> RoleSums::write() {
  while (again_) {
    again_ = false;
    co_await write_sums(registry_, authorizer_.rbac());
  }
  running_ = false;
}

}  // namespace podwire::server
