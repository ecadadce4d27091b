#include "standin/programs.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace podwire::standin {

std::string_view Surroundings::variable(std::string_view name, std::string_view otherwise) const {
  const auto found = env.find(name);
  return found == env.end() || found->second.empty() ? otherwise : std::string_view(found->second);
}

Surroundings real_surroundings() {
  Surroundings out;
  utsname names{};
  if (::uname(&names) == 0) {
    out.host_name = names.nodename;
    out.system = fmt::format("{} ({})", names.sysname, names.release);
  }
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry(*at);
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos) out.env.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return out;
}

Result<std::map<std::string, std::string, std::less<>>> options_of(
    std::string_view program, const std::vector<std::string>& arguments,
    const std::vector<std::string_view>& known) {
  std::map<std::string, std::string, std::less<>> out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view text = arguments[i];
    if (!text.starts_with('-'))
      return fail("start", program, 0, fmt::format("argument {} is not known", text));
    text.remove_prefix(text.starts_with("--") ? 2 : 1);
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    if (std::ranges::find(known, name) == known.end())
      return fail("start", program, 0,
                  fmt::format("this stand-in for the image has no option --{}; it has --{}", name,
                              fmt::join(known, ", --")));
    std::string value = "true";
    if (equals != std::string_view::npos)
      value = text.substr(equals + 1);
    else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with('-'))
      value = arguments[++i];
    out.insert_or_assign(std::string(name), std::move(value));
  }
  return out;
}

Result<std::uint16_t> port_of(std::string_view what, std::string_view text) {
  std::uint16_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out == 0)
    return fail("read", what, 0, fmt::format("\"{}\" is no port", text));
  return out;
}

boost::asio::awaitable<Response> answered(Response response) { co_return response; }

Site at_once(std::function<Response(const Request&)> answer) {
  return [answer = std::move(answer)](const Request& request) { return answered(answer(request)); };
}

Result<Program> pause(const std::vector<std::string>&, const Surroundings&) {
  return Program{.name = "pause"};
}

}  // namespace podwire::standin
