#include "oci/bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cctype>

namespace podwire::oci {
namespace {

namespace json = boost::json;

/// linux/capability.h, in the order of their numbers.
constexpr std::array kCapabilities{"CAP_CHOWN",
                                   "CAP_DAC_OVERRIDE",
                                   "CAP_DAC_READ_SEARCH",
                                   "CAP_FOWNER",
                                   "CAP_FSETID",
                                   "CAP_KILL",
                                   "CAP_SETGID",
                                   "CAP_SETUID",
                                   "CAP_SETPCAP",
                                   "CAP_LINUX_IMMUTABLE",
                                   "CAP_NET_BIND_SERVICE",
                                   "CAP_NET_BROADCAST",
                                   "CAP_NET_ADMIN",
                                   "CAP_NET_RAW",
                                   "CAP_IPC_LOCK",
                                   "CAP_IPC_OWNER",
                                   "CAP_SYS_MODULE",
                                   "CAP_SYS_RAWIO",
                                   "CAP_SYS_CHROOT",
                                   "CAP_SYS_PTRACE",
                                   "CAP_SYS_PACCT",
                                   "CAP_SYS_ADMIN",
                                   "CAP_SYS_BOOT",
                                   "CAP_SYS_NICE",
                                   "CAP_SYS_RESOURCE",
                                   "CAP_SYS_TIME",
                                   "CAP_SYS_TTY_CONFIG",
                                   "CAP_MKNOD",
                                   "CAP_LEASE",
                                   "CAP_AUDIT_WRITE",
                                   "CAP_AUDIT_CONTROL",
                                   "CAP_SETFCAP",
                                   "CAP_MAC_OVERRIDE",
                                   "CAP_MAC_ADMIN",
                                   "CAP_SYSLOG",
                                   "CAP_WAKE_ALARM",
                                   "CAP_BLOCK_SUSPEND",
                                   "CAP_AUDIT_READ",
                                   "CAP_PERFMON",
                                   "CAP_BPF",
                                   "CAP_CHECKPOINT_RESTORE"};

json::array strings(const std::vector<std::string>& from) { return json::array(from.begin(), from.end()); }

json::object mount(std::string_view destination, std::string_view type, std::string_view source,
                   std::initializer_list<std::string_view> options) {
  return {{"destination", destination},
          {"type", type},
          {"source", source},
          {"options", json::array(options.begin(), options.end())}};
}

json::array mounts_of(const BundleSpec& spec) {
  const std::string_view access = spec.process.privileged ? "rw" : "ro";
  json::array out{
      mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
      mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      mount("/dev/pts", "devpts", "devpts",
            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
      mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", access}),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}),
  };
  for (const auto& directory : spec.scratch)
    out.push_back(mount(directory, "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=1777"}));
  for (const auto& bind : spec.mounts)
    out.push_back(
        mount(bind.destination, "bind", bind.source, {"rbind", "rprivate", bind.read_only ? "ro" : "rw"}));
  return out;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// In the order of their numbers. What is added counts before what is dropped.
std::vector<std::string> capabilities_of(const Process& process) {
  std::vector<std::string> out;
  for (const std::string_view name : kCapabilities) {
    const bool added = has(process.added_capabilities, name) || has(process.added_capabilities, "ALL");
    const bool dropped = has(process.dropped_capabilities, name) || has(process.dropped_capabilities, "ALL");
    if (process.privileged || added || (has(default_capabilities(), name) && !dropped))
      out.emplace_back(name);
  }
  return out;
}

json::object process_of(const Process& process) {
  const auto capabilities = capabilities_of(process);
  json::array groups(process.groups.begin(), process.groups.end());
  return {{"terminal", process.terminal},
          {"user", {{"uid", process.uid}, {"gid", process.gid}, {"additionalGids", std::move(groups)}}},
          {"args", strings(process.args)},
          {"env", strings(process.env)},
          {"cwd", process.cwd},
          {"capabilities",
           {{"bounding", strings(capabilities)},
            {"effective", strings(capabilities)},
            {"permitted", strings(capabilities)}}}};
}

json::object linux_of(const BundleSpec& spec) {
  json::array namespaces{{{"type", "pid"}}, {{"type", "ipc"}}, {{"type", "uts"}}, {{"type", "mount"}}};
  json::object out;
  if (!spec.netns.empty()) {
    namespaces.push_back({{"type", "network"}, {"path", spec.netns}});
    // In a namespace of its own a container's user may ping and may bind low ports.
    out["sysctl"] = {{"net.ipv4.ip_unprivileged_port_start", "0"},
                     {"net.ipv4.ping_group_range", "0 2147483647"}};
  }
  out["namespaces"] = std::move(namespaces);
  out["resources"] = {{"devices", {{{"allow", spec.process.privileged}, {"access", "rwm"}}}}};
  if (!spec.cgroup.empty()) out["cgroupsPath"] = spec.cgroup;
  std::vector<std::string> masked = spec.masked;
  if (!spec.process.privileged) {
    masked.insert(masked.end(),
                  {"/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                   "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
                   "/sys/firmware", "/sys/devices/virtual/powercap"});
    out["readonlyPaths"] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  }
  out["maskedPaths"] = strings(masked);
  return out;
}

std::string_view name_part(std::string_view variable) { return variable.substr(0, variable.find('=')); }

}  // namespace

const std::vector<std::string>& default_capabilities() {
  static const std::vector<std::string> names{
      "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",     "CAP_MKNOD",
      "CAP_NET_RAW", "CAP_SETGID",       "CAP_SETUID",           "CAP_SETFCAP",    "CAP_SETPCAP",
      "CAP_KILL",    "CAP_SYS_CHROOT",   "CAP_NET_BIND_SERVICE", "CAP_AUDIT_WRITE"};
  return names;
}

Result<std::string> capability_name(std::string_view name) {
  std::string wanted(name);
  std::ranges::transform(wanted, wanted.begin(), [](unsigned char c) { return std::toupper(c); });
  if (!wanted.starts_with("CAP_")) wanted.insert(0, "CAP_");
  if (std::ranges::find(kCapabilities, wanted) == kCapabilities.end())
    return fail("read capability", fmt::format("\"{}\"", name), 0,
                "there is none of that name (capabilities(7))");
  return wanted;
}

json::object bundle_config(const BundleSpec& spec) {
  return {{"ociVersion", "1.0.2"},
          {"process", process_of(spec.process)},
          {"root", {{"path", spec.rootfs}, {"readonly", false}}},
          {"hostname", spec.hostname},
          {"mounts", mounts_of(spec)},
          {"linux", linux_of(spec)}};
}

std::vector<std::string> complete_environment(const std::vector<std::string>& image,
                                              const std::vector<std::string>& own, std::uint32_t uid,
                                              const std::string& home) {
  std::vector<std::string> out{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                               "HOME=" + (home.empty() ? std::string(uid == 0 ? "/root" : "/") : home)};
  for (const auto* list : {&image, &own}) {
    for (const auto& variable : *list) {
      const auto same = [&](const std::string& other) { return name_part(other) == name_part(variable); };
      if (const auto found = std::ranges::find_if(out, same); found != out.end())
        *found = variable;
      else
        out.push_back(variable);
    }
  }
  return out;
}

}  // namespace podwire::oci
