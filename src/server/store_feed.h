#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "server/store/store.h"

namespace podwire::server {

/// Tells of one resource's objects: all that are there at first, then every change, as soon as it can be
/// read. Whatever happens to the watch, in the end exactly what is in the store has been put and not erased.
/// On the store's thread; destroyed before the store.
class StoreFeed {
 public:
  using Put = std::function<void(const boost::json::object& object)>;
  using Erase = std::function<void(std::string_view ns, std::string_view name)>;

  StoreFeed(Store& store, std::string resource, Put put, Erase erase);

 private:
  void drain();
  void read_all();

  Store& store_;
  std::string resource_;
  Put put_;
  Erase erase_;
  std::set<std::pair<std::string, std::string>> known_;
  std::unique_ptr<Watch> watch_;
};

}  // namespace podwire::server
