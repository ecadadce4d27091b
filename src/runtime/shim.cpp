#include "runtime/shim.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "base/file.h"
#include "base/spawn.h"

namespace podwire::runtime {
namespace {
constexpr std::string_view kOk = "ok";
}  // namespace

std::string encode_report(const oci::StartResult<void>& result) {
  if (result) return std::string(kOk);
  return fmt::format("{} {}", result.error().exit_code, result.error().error.message());
}

oci::StartResult<void> decode_report(std::string_view text) {
  if (text == kOk) return {};
  int code = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (ec != std::errc{} || end == text.data() + text.size())
    return std::unexpected(oci::StartError{
        125, {.verb = "start", .object = "shim", .detail = "it died before the container ran"}});
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return std::unexpected(oci::StartError{code, {.verb = std::string(text)}});
}

oci::StartResult<void> start_shim(const std::vector<std::string>& command) {
  const auto engine = [](Error error) { return std::unexpected(oci::StartError{125, std::move(error)}); };
  auto pipe = make_pipe();
  if (!pipe) return engine(pipe.error());
  auto& [report, reporter] = *pipe;
  Command shim{.argv = command};
  // Not a child of ours: whoever starts containers need not stay, and the shim must not be its zombie.
  // And it holds nothing of ours open: Asio's sockets are not closed on exec.
  shim.before_exec = [fd = reporter.raw()] {
    if (::close_range(kReportFd, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return 1;
    if (fd == kReportFd ? ::fcntl(fd, F_SETFD, 0) != 0 : ::dup2(fd, kReportFd) < 0) return 1;
    ::setsid();
    const pid_t second = ::fork();
    if (second != 0) ::_exit(second < 0 ? 1 : 0);
    return 0;
  };
  const auto child = spawn(shim, {});
  if (!child) return engine(child.error());
  reporter.reset();
  [[maybe_unused]] const auto intermediate = wait_for(*child);
  const auto text = read_all(report.get(), 65536);
  if (!text) return engine(text.error());
  return decode_report(*text);
}

int run_shim(const Keep& keep, UniqueFd report) {
  ::fcntl(report.raw(), F_SETFD, FD_CLOEXEC);
  [[maybe_unused]] const int at_root = ::chdir("/");  // holds no directory of its caller's
  const auto say = [&](const oci::StartResult<void>& result) {
    if (!report) return;
    [[maybe_unused]] const auto said = write_all(report.get(), encode_report(result));
    report.reset();
  };
  const auto ended = keep([&] { say({}); });
  if (!ended) say(std::unexpected(ended.error()));
  return ended ? 0 : 1;
}

}  // namespace podwire::runtime
