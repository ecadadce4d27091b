#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "standin/message.h"

namespace podwire::standin {

/// What a program sees of the machine that it runs on.
struct Surroundings {
  std::string host_name;
  std::string system;  ///< "Linux (6.1.0)"
  std::map<std::string, std::string, std::less<>> env;

  [[nodiscard]] std::string_view variable(std::string_view name, std::string_view otherwise = {}) const;
};
[[nodiscard]] Surroundings real_surroundings();

using Site = std::function<boost::asio::awaitable<Response>(const Request&)>;

/// What a program does: where it listens, and what it answers there.
struct Program {
  std::string name;  ///< in its own words about itself
  Site site;         ///< empty: it only waits to be ended
  std::uint16_t http_port = 0;
  std::uint16_t udp_port = 0;  ///< 0: none. Answers as agnhost does: "hostname", "clientip", "echo TEXT"
  bool access_log = true;      ///< a line for each request, on standard output
};

// One function a program. Pure but for nginx, which reads files, and agnhost's /dial and /shell. Arguments as
// in the image that it stands in for; errors name the one that is wrong.
Result<Program> hello_kubernetes(const std::vector<std::string>& arguments, const Surroundings& around);
Result<Program> nginx(const std::vector<std::string>& arguments, const Surroundings& around);
Result<Program> http_echo(const std::vector<std::string>& arguments, const Surroundings& around);
Result<Program> agnhost(const std::vector<std::string>& arguments, const Surroundings& around);
Result<Program> pause(const std::vector<std::string>& arguments, const Surroundings& around);

/// "--name=value", "--name value", or one dash; no value is "true". Error: an option that is not among these,
/// or an argument that is none.
Result<std::map<std::string, std::string, std::less<>>> options_of(
    std::string_view program, const std::vector<std::string>& arguments,
    const std::vector<std::string_view>& known);
Result<std::uint16_t> port_of(std::string_view what, std::string_view text);

/// An answer that is there already, and a site of such.
[[nodiscard]] boost::asio::awaitable<Response> answered(Response response);
[[nodiscard]] Site at_once(std::function<Response(const Request&)> answer);

/// What agnhost's netexec answers to a datagram; empty: nothing.
[[nodiscard]] std::string datagram_answer(std::string_view text, std::string_view host_name,
                                          std::string_view client);

}  // namespace podwire::standin
