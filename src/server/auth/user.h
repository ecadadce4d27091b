#pragma once
#include <string>
#include <vector>

namespace podwire::server {

/// Who sends a request.
struct User {
  std::string name, uid;
  std::vector<std::string> groups;
};

}  // namespace podwire::server
