#pragma once
#include <memory>
#include <vector>

#include "server/auth/rbac.h"
#include "server/store/store.h"

namespace podwire::server {

/// Keeps an Rbac as the store has its objects: all that is there at first, then every change, in the moment
/// in which it can be read. On the store's thread; destroyed before the store.
class RbacFeed {
 public:
  RbacFeed(Store& store, Rbac& rbac);

 private:
  void drain(std::size_t index);

  Store& store_;
  Rbac& rbac_;
  std::vector<std::unique_ptr<Watch>> watches_;
};

}  // namespace podwire::server
