#include "kubelet/container_start.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <ranges>

#include "base/file.h"
#include "oci/json_view.h"
#include "oci/tree.h"
#include "oci/user.h"
#include "runtime/new_id.h"
#include "runtime/shim.h"

namespace podwire::kubelet {
namespace {

Time now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

/// This very program, also when its file was replaced meanwhile.
std::string own_program() {
  std::array<char, PATH_MAX> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size());
  std::string out(path.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  return out.empty() || ::access(out.c_str(), X_OK) != 0 ? "/proc/self/exe" : out;
}

/// What command and args are over the image's entrypoint and command.
std::vector<std::string> arguments_of(const StartRequest& request) {
  const auto& image = request.image.rootfs.config;
  std::vector<std::string> out;
  out.reserve(request.spec.command.size() + request.spec.args.size());
  for (const auto& word : request.spec.command) out.push_back(expand(word, request.variables));
  // A stand-in takes the image's arguments, but not the path of its program.
  const bool takes_command = !request.image.stand_in.empty() && !out.empty() && out[0].starts_with('/') &&
                             out[0].ends_with(request.image.stand_in);
  if (takes_command) out.erase(out.begin());
  if (request.spec.command.empty() || takes_command)
    out.insert(out.begin(), image.entrypoint.begin(), image.entrypoint.end());
  for (const auto& word : request.spec.args) out.push_back(expand(word, request.variables));
  if (request.spec.command.empty() && request.spec.args.empty())
    out.insert(out.end(), image.command.begin(), image.command.end());
  return out;
}

Result<std::vector<std::string>> capability_names(const std::vector<std::string>& given) {
  std::vector<std::string> out;
  out.reserve(given.size());
  for (const auto& name : given) out.push_back(name == "ALL" ? name : TRY(oci::capability_name(name)));
  return out;
}

Result<> write_bundle(const std::string& directory, const StartRequest& request) {
  oci::BundleSpec spec{.process = TRY(process_of(request)),
                       .hostname = request.host_name,
                       .rootfs = directory + "/rootfs",
                       .netns = request.sandbox.netns,
                       .mounts = request.mounts};
  spec.mounts.insert(spec.mounts.end(), request.image.mounts.begin(), request.image.mounts.end());
  spec.masked = request.image.rootfs.masked;
  spec.scratch = request.image.rootfs.scratch;
  TRY(make_directories(directory + "/bundle"));
  return write_file_atomic(directory + "/bundle/config.json",
                           oci::pretty_json(oci::bundle_config(spec)) + "\n", 0600, Durability::until_reboot);
}

Result<std::string> prepare(const Places& places, const StartRequest& request) {
  const auto& [name, attempt, back_off] = request.action;
  const auto& uid = request.pod.meta.uid;
  std::string directory = places.container(uid, name, attempt);
  const std::string logs = places.pod_logs(request.pod) + "/" + name;
  ContainerRecord record{.id = TRY(runtime::new_id()),
                         .name = name,
                         .init = is_init_container(request.pod.spec, name),
                         .attempt = attempt,
                         .back_off = back_off,
                         .image = request.spec.image,
                         .image_id = "sha256:" + request.image.rootfs.image_id,
                         .boot_id = TRY(boot_id()),
                         .log = fmt::format("{}/{}.log", logs, attempt),
                         .lower = request.image.rootfs.lower,
                         .in_memory = request.image.rootfs.upper_in_memory,
                         .terminal = request.spec.terminal,
                         .input = request.spec.input,
                         .created = now()};
  TRY(oci::remove_tree(directory));  // of a start that came to nothing
  TRY(make_directories(directory));
  TRY(make_directories(logs));
  TRY(write_bundle(directory, request));
  TRY(write_file_atomic(directory + "/container.json", encode(record), 0600, Durability::until_reboot));
  return directory;
}

}  // namespace

std::string expand(std::string_view text, const std::vector<std::pair<std::string, std::string>>& variables) {
  std::string out;
  while (!text.empty()) {
    const auto dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.starts_with("$$")) {
      out += '$';
      text.remove_prefix(2);
      continue;
    }
    const auto close = text.find(')');
    if (text.starts_with("$(") && close != std::string_view::npos) {
      const auto name = text.substr(2, close - 2);
      const auto known =
          std::ranges::find(variables, name, [](const auto& v) { return std::string_view(v.first); });
      out += known != variables.end() ? std::string_view(known->second) : text.substr(0, close + 1);
      text.remove_prefix(close + 1);
    } else if (!text.empty()) {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

Result<oci::Process> process_of(const StartRequest& request) {
  const auto& image = request.image.rootfs;
  const auto& own = request.spec.security;
  const auto& shared = request.pod.spec.security;
  oci::Process out;
  out.args = arguments_of(request);
  if (out.args.empty()) return fail("run", request.spec.image, 0, "no command specified");
  const auto uid = own.user ? own.user : shared.user;
  const auto gid = own.group ? own.group : shared.group;
  std::string wanted = uid ? std::to_string(*uid) : image.config.user;
  if (gid) wanted = (wanted.empty() ? "0" : wanted.substr(0, wanted.find(':'))) + ":" + std::to_string(*gid);
  const auto user = TRY(oci::find_user_in(image.lower, wanted));
  out.uid = user.uid;
  out.gid = user.gid;
  out.groups = user.groups;
  if (request.pod.spec.fs_group) out.groups.push_back(static_cast<std::uint32_t>(*request.pod.spec.fs_group));
  out.terminal = request.spec.terminal;
  out.privileged = own.privileged;
  std::vector<std::string> env{"HOSTNAME=" + request.host_name};
  if (out.terminal) env.emplace_back("TERM=xterm");
  env.insert(env.end(), request.env.begin(), request.env.end());
  out.env = oci::complete_environment(image.config.env, env, user.uid, user.home);
  out.added_capabilities = TRY(capability_names(own.added));
  out.dropped_capabilities = TRY(capability_names(own.dropped));
  const auto& cwd = request.spec.working_dir.empty() ? image.config.working_dir : request.spec.working_dir;
  out.cwd = cwd.empty() ? "/" : cwd;
  return out;
}

oci::StartResult<void> start_container(const Places& places, const StartRequest& request) {
  const auto directory = prepare(places, request);
  if (!directory) return std::unexpected(oci::StartError{125, directory.error()});
  return runtime::start_shim({own_program(), "pod-shim", *directory, places.runc});
}

}  // namespace podwire::kubelet
