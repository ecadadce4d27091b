#include "lab/cluster/connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>

#include "base/file.h"
#include "base/spawn.h"

namespace podwire::lab {
namespace {

namespace json = boost::json;

std::string lab_name(const LabFiles& files) { return files.directory.substr(files.directory.rfind('/') + 1); }

std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Result<LabConnection> LabConnection::open(const LabFiles& files) {
  const auto name = lab_name(files);
  const auto directory = open_file(files.directory, O_PATH | O_DIRECTORY);
  if (!directory) {
    if (directory.error().sys_errno == ENOENT)
      return fail("find lab", name, ENOENT,
                  "`podwire lab up` makes one, `podwire lab list` shows those that there are");
    return std::unexpected(directory.error());
  }
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  const auto path = fmt::format("/proc/self/fd/{}/control.sock", directory->raw());
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  if (!socket || ::connect(socket.raw(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    const int err = errno;
    if (err == EACCES || err == EPERM) return fail("ask the keeper of lab", name, err, "this needs root");
    return fail("ask the keeper of lab", name, err,
                "it has ended, and the lab with it: `podwire lab down` removes what is left");
  }
  return LabConnection(std::move(socket));
}

Result<LabConnection> LabConnection::start(const std::vector<std::string>& keeper) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail("create sockets", {}, errno);
  UniqueFd ours(ends[0]);
  const UniqueFd its(ends[1]);
  const Command command{.argv = keeper, .env = {}, .input = {}, .before_exec = [] {
                          // Out of the caller's session and directory, as services are.
                          return ::setsid() > 0 && ::chdir("/") == 0 ? 0 : errno;
                        }};
  TRY(spawn(command, {its.get(), {}, {}}));
  return LabConnection(std::move(ours));
}

Result<> LabConnection::say(const json::object& request) {
  const auto line = json::serialize(request) + "\n";
  if (::send(socket_.raw(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    return fail("ask", "the lab's keeper", errno);
  return {};
}

Result<std::optional<json::object>> LabConnection::hear(const Deadline& deadline) {
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      boost::system::error_code wrong;
      auto value = json::parse(std::string_view(buffer_).substr(0, end), wrong);
      buffer_.erase(0, end + 1);
      if (wrong || !value.is_object()) return fail("understand", "the lab's keeper", EPROTO);
      auto line = std::move(value.get_object());
      if (const auto verb = text(line, "error"); !verb.empty()) {
        const auto* number = line.if_contains("errno");
        return fail(verb, text(line, "object"),
                    number != nullptr && number->is_int64() ? static_cast<int>(number->get_int64()) : 0,
                    text(line, "advice"));
      }
      return std::optional(std::move(line));
    }
    TRY(deadline.wait(socket_.get(), POLLIN));
    std::array<char, 65536> more{};
    const auto n = ::recv(socket_.raw(), more.data(), more.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::optional<json::object>();
    buffer_.append(more.data(), static_cast<std::size_t>(n));
  }
}

Result<json::object> LabConnection::ask(const json::object& request, const Deadline& deadline,
                                        const std::function<void(const json::object&)>& told) {
  // A keeper that cannot even begin does not listen, but says why.
  if (auto said = say(request); !said && said.error().sys_errno != EPIPE)
    return std::unexpected(said.error());
  for (;;) {
    auto line = TRY(hear(deadline));
    if (!line)
      return fail("hear from", "the lab's keeper", 0,
                  "it has ended; its log has the reason, if there is one");
    if (line->contains("ok")) return std::move(*line);
    if (told) told(*line);
  }
}

Result<> LabConnection::wait_for_end(const Deadline& deadline) {
  for (;;)
    if (auto line = hear(deadline); !line || !*line) return line ? Result<>() : std::unexpected(line.error());
}

Result<std::vector<std::string>> labs_in(const std::string& directory) {
  auto names = TRY(list_directory(directory));
  std::ranges::sort(names);
  return names;
}

}  // namespace podwire::lab
