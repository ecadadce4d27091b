#pragma once
#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/target.h"

namespace podwire::http {

template <class T>
using Task = boost::asio::awaitable<T>;

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Header names are the same in any case.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);
/// The value of the first of that name; else empty.
[[nodiscard]] std::string_view find_header(const Headers& headers, std::string_view name);

/// Who is at the other end.
struct Peer {
  std::string address;
  bool certificate = false;  ///< it showed one that our CA has signed
  std::string common_name;
  std::vector<std::string> organizations;
};

struct Request {
  std::string method;
  Target target;
  Headers headers;  ///< names as sent
  std::string body;
  Peer peer;

  /// The first of that name, whatever its case; else empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

}  // namespace podwire::http
