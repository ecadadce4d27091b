#include "server/process_metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace podwire::server {
namespace {

// Where /proc/PID/stat has what, counted from 0 behind the process's name (proc(5)).
constexpr std::size_t kUserTicks = 11, kSystemTicks = 12, kStartTicks = 19, kVirtualBytes = 20,
                      kResidentPages = 21;

std::vector<std::uint64_t> numbers(std::string_view text) {
  std::vector<std::uint64_t> out;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    std::uint64_t value = 0;  // of what is no number, which comes first
    std::from_chars(word.data(), word.data() + word.size(), value);
    out.push_back(value);
  }
  return out;
}

/// Seconds since 1970.
std::uint64_t boot_time() {
  static constexpr std::string_view kKey = "\nbtime ";
  const auto stat = read_file("/proc/stat");
  const auto at = stat ? stat->find(kKey) : std::string::npos;
  std::uint64_t out = 0;
  if (at != std::string::npos) {
    const auto* begin = stat->data() + at + kKey.size();
    std::from_chars(begin, stat->data() + stat->size(), out);
  }
  return out;
}

void put(std::string& out, std::string_view name, std::string_view type, std::string_view help, auto value) {
  out += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n{0} {3}\n", name, type, help, value);
}

}  // namespace

std::string process_metrics() {
  std::string out;
  if (const auto stat = read_file("/proc/self/stat")) {
    const auto of = numbers(std::string_view(*stat).substr(stat->rfind(')') + 2));
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    if (of.size() > kResidentPages) {
      put(out, "process_cpu_seconds_total", "counter", "Time on a processor.",
          static_cast<double>(of[kUserTicks] + of[kSystemTicks]) / ticks);
      put(out, "process_resident_memory_bytes", "gauge", "Memory in use.",
          of[kResidentPages] * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
      put(out, "process_virtual_memory_bytes", "gauge", "Memory that is mapped.", of[kVirtualBytes]);
      put(out, "process_start_time_seconds", "gauge", "When the process began, since 1970.",
          static_cast<double>(boot_time()) + static_cast<double>(of[kStartTicks]) / ticks);
    }
  }
  if (const auto files = list_directory("/proc/self/fd"))
    put(out, "process_open_fds", "gauge", "Open files and connections.", files->size());
  return out;
}

}  // namespace podwire::server
