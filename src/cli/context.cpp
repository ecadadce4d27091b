#include "cli/context.h"

#include <fmt/format.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "base/file.h"

namespace podwire::cli {
namespace {

std::string environment_or(const char* name, std::string_view otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : std::string(otherwise);
}

std::string absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  std::array<char, PATH_MAX> here{};
  if (::getcwd(here.data(), here.size()) == nullptr) return path;
  return fmt::format("{}/{}", here.data(), path);
}

std::string own_path() {
  std::array<char, PATH_MAX> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size());
  return std::string(path.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
}

void say(const std::string& text) { [[maybe_unused]] const auto written = write_all(Fd(2), text); }

}  // namespace

Context::Context()
    : netns(environment_or("PODWIRE_NETNS", docker::kOwnNetns)), root(environment_or("PODWIRE_ROOT", "")) {}

docker::Roots Context::roots() const {
  return root.empty() ? docker::Roots{} : docker::Roots::below(absolute(root));
}

std::vector<std::string> Context::own_command(std::vector<std::string> verb) const {
  std::vector<std::string> out{own_path()};
  if (!root.empty()) out.insert(out.end(), {"--root", absolute(root)});
  out.insert(out.end(), {"--netns", netns.find('/') == std::string::npos ? netns : absolute(netns)});
  out.insert(out.end(), verb.begin(), verb.end());
  return out;
}

bool colour_on(int fd) { return std::getenv("NO_COLOR") == nullptr && ::isatty(fd) == 1; }

void print_error(const Error& error) {
  Error first = error;
  // The kernel's word stays with its errno; a sentence of ours is advice and gets its own line.
  const std::string advice = std::exchange(first.detail, {});
  std::string text = colour_on(2) ? "podwire: \x1b[31merror:\x1b[0m " : "podwire: error: ";
  text += first.message() + "\n";
  if (!advice.empty()) text += "  " + advice + "\n";
  say(text);
}

void print_hint(const std::string& text) { say("podwire: " + text + "\n"); }

void Context::fail_with(const Error& error, int exit_status) {
  print_error(error);
  status = exit_status;
}

}  // namespace podwire::cli
