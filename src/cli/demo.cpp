#include "lab/demo.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>

#include "base/file.h"
#include "base/process.h"
#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "lab/interruption.h"

namespace podwire::cli {
namespace {

struct Options {
  std::string which = "all";
  std::vector<std::string> only;
  std::string format = "text";
  bool pause = false, no_color = false;
};

/// A single key counts at once, without Enter, and is not shown.
class RawTerminal {
 public:
  explicit RawTerminal(int fd) : fd_(fd) {
    termios raw{};
    good_ = ::tcgetattr(fd_, &old_) == 0;
    raw = old_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    if (good_) ::tcsetattr(fd_, TCSANOW, &raw);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() {
    if (good_) ::tcsetattr(fd_, TCSANOW, &old_);
  }

 private:
  int fd_;
  termios old_{};
  bool good_ = false;
};

Result<> wait_for_key() {
  const RawTerminal raw(0);
  [[maybe_unused]] const auto asked = write_all(Fd(1), "\n[any key goes on, Ctrl-C ends] ");
  pollfd key{0, POLLIN, 0};
  while (::poll(&key, 1, -1) < 0 && errno == EINTR) TRY(lab::Interruption::check());
  char ignored = 0;
  if (::read(0, &ignored, 1) < 0) return fail("read a key", {}, errno);
  [[maybe_unused]] const auto cleared = write_all(Fd(1), "\r\033[K");
  return {};
}

/// Of one demo, or of all.
std::vector<std::string> step_ids(const std::string& demo) {
  std::vector<std::string> ids;
  for (const auto& step : lab::demo_steps())
    if (demo == "all" || step.demo == demo) ids.push_back(step.id);
  return ids;
}

std::string steps_text() {
  std::string out = "\nSteps:\n";
  for (const auto& step : lab::demo_steps())
    out += fmt::format("  {:<14} {:<11} {}\n", step.demo, step.id, step.title);
  return out;
}

Result<> check(const Options& o) {
  const auto ids = step_ids(o.which);
  for (const auto& id : o.only)
    if (std::ranges::find(ids, id) == ids.end())
      return fail("find step", id, ENOENT, fmt::format("there are {}", fmt::join(ids, ", ")));
  if (o.pause && o.format != "text") return fail("pause", {}, EINVAL, "--pause goes with -o text only");
  if (o.pause && ::isatty(0) == 0)
    return fail("pause", {}, ENOTTY, "--pause waits for a key and needs a terminal");
  if (::geteuid() != 0)
    return fail("make network namespaces", {}, EPERM, "run it as root: sudo podwire demo");
  if ((o.which == "all" || o.which == "services") && find_program("kubectl").empty())
    return fail(
        "find program", "kubectl", ENOENT,
        "the demo \"services\" is told by it: put it into PATH, or run ./dev demo, which brings one; or play "
        "the others: podwire demo containers, podwire demo encapsulation");
  return {};
}

Result<std::string> own_program() {
  std::array<char, 4096> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size());
  if (n <= 0) return fail("read", "/proc/self/exe", errno);
  return std::string(path.data(), static_cast<std::size_t>(n));
}

Result<> play(Context& context, const Options& o) {
  TRY(check(o));
  const bool text = o.format == "text";
  const auto is_wanted = [&](std::string_view which) { return o.which == "all" || o.which == which; };
  lab::DemoOptions demo{.containers = is_wanted("containers"),
                        .encapsulation = is_wanted("encapsulation"),
                        .services = is_wanted("services"),
                        .podwire = TRY(own_program()),
                        .narration = {.color = text && !o.no_color && colour_on(1),
                                      .text = text,
                                      .only = {o.only.begin(), o.only.end()},
                                      .print = {},
                                      .wait_for_key = {}}};
  // A reader that went away (| head) is no reason to leave namespaces half made: the demo goes on silently.
  demo.narration.print = [](std::string_view line) { static_cast<void>(write_all(Fd(1), line)); };
  if (o.pause) demo.narration.wait_for_key = wait_for_key;
  const auto report = lab::run_demo(demo);
  if (!text) print_line(report.json());
  context.status = report.interrupted_by != 0 ? 128 + report.interrupted_by : report.good() ? 0 : 1;
  return {};
}

}  // namespace

void add_demo(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("demo", "Play the talk's demos on live packets and check every statement");
  verb->footer(steps_text() +
               "\nThe exit status is 0 when every statement holds. Everything happens in network namespaces "
               "that end with "
               "the demo.\n\nExamples:\n"
               "  podwire demo\n"
               "  podwire demo containers --pause\n"
               "  podwire demo --only ping,outside\n"
               "  podwire demo encapsulation -o json");
  auto options = std::make_shared<Options>();
  verb->add_option("demo", options->which, "containers, encapsulation, services, or all (default)")
      ->check(CLI::IsMember({"containers", "encapsulation", "services", "all"}));
  verb->add_option("--only", options->only, "Tell these steps only; those before them are played silently")
      ->delimiter(',');
  verb->add_flag("--pause", options->pause, "Wait for a key after each step");
  verb->add_flag("--no-color", options->no_color, "No colours, even on a terminal");
  verb->add_option("-o,--output", options->format, "text (default) or json")
      ->check(CLI::IsMember({"text", "json"}));
  verb->callback([=, &context] { context.run([&] { return play(context, *options); }); });
}

}  // namespace podwire::cli
