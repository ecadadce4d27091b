#pragma once
#include <map>
#include <string>
#include <vector>

namespace podwire::server {

/// Who sends a request.
struct User {
  std::string name, uid;
  std::vector<std::string> groups;
  /// What else is known ("authentication.kubernetes.io/pod-name").
  std::map<std::string, std::vector<std::string>> extra;
};

}  // namespace podwire::server
