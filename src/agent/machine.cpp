#include "agent/machine.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/file.h"

namespace podwire::agent {
namespace {

std::string line_of(const std::string& path) {
  auto text = read_file(path, 4096);
  if (!text) return {};
  return text->substr(0, text->find('\n'));
}

}  // namespace

std::string pretty_name(std::string_view text) {
  constexpr std::string_view kKey = "PRETTY_NAME=";
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    if (line.size() >= 2 && (line.front() == '"' || line.front() == '\'') && line.back() == line.front())
      line = line.substr(1, line.size() - 2);
    return std::string(line);
  }
  return {};
}

std::string go_architecture(std::string_view machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  if (machine.starts_with("armv")) return "arm";
  if (machine == "i686" || machine == "i386") return "386";
  return std::string(machine);
}

Result<Machine> read_machine() {
  Machine out;
  utsname names{};
  if (::uname(&names) != 0) return fail("read", "the kernel's name", errno);
  struct sysinfo memory{};
  if (::sysinfo(&memory) != 0) return fail("read", "the machine's memory", errno);
  out.cpus = static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  out.memory_bytes = std::uint64_t{memory.totalram} * memory.mem_unit;
  out.machine_id = line_of("/etc/machine-id");
  out.system_uuid = line_of("/sys/class/dmi/id/product_uuid");
  if (out.system_uuid.empty()) out.system_uuid = out.machine_id;
  if (auto id = boot_id()) out.boot_id = std::move(*id);
  out.kernel = names.release;
  if (auto text = read_file("/etc/os-release", 1 << 16)) out.os_image = pretty_name(*text);
  out.architecture = go_architecture(names.machine);
  return out;
}

}  // namespace podwire::agent
