#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "lab/socket_address.h"

namespace podwire::lab {

/// A small web server in a namespace, on a thread of its own: tells each client the address that it sees it
/// under, and remembers it. Stops when destroyed.
class Greeter {
 public:
  static Result<Greeter> start(const kernel::NetNs& netns, const Endpoint& local);
  Greeter(Greeter&&) noexcept;
  Greeter& operator=(Greeter&&) = delete;
  ~Greeter();
  /// The clients as accept(2) named them, in order. Takes them out.
  [[nodiscard]] std::vector<Endpoint> take_clients();

 private:
  struct Running;
  explicit Greeter(std::unique_ptr<Running> running);
  std::unique_ptr<Running> running_;
};

struct WebAnswer {
  int status = 0;  ///< 200
  std::string body;
  Endpoint local;  ///< our own end, as the kernel chose it
};

/// GET http://remote/path from inside a namespace, HTTP/1.0. Errors: refused, no answer within 5 s, not HTTP.
Result<WebAnswer> web_get(const kernel::NetNs& netns, const Endpoint& remote, const std::string& path);

/// From the bytes of a whole HTTP answer. Pure.
Result<WebAnswer> parse_web_answer(std::string_view text);

}  // namespace podwire::lab
