#include "docker/process_plan.h"

#include <fmt/format.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "base/file.h"
#include "oci/user.h"

namespace podwire::docker {

std::vector<std::string> plan_environment(const std::vector<std::string>& given) {
  std::vector<std::string> out;
  for (const auto& variable : given) {
    if (variable.find('=') != std::string::npos)
      out.push_back(variable);
    else if (const char* own = std::getenv(variable.c_str()); own != nullptr)
      out.push_back(variable + "=" + own);
  }
  return out;
}

Result<oci::Process> plan_process(const RunRequest& request, const oci::RootFs& rootfs) {
  const oci::ImageConfig& image = rootfs.config;
  oci::Process out;
  // As Docker: an entrypoint that is given replaces both of the image's, and "" means none.
  if (request.entrypoint) {
    if (!request.entrypoint->empty()) out.args = {*request.entrypoint};
  } else {
    out.args = image.entrypoint;
  }
  const bool use_image_command = request.command.empty() && !request.entrypoint;
  const auto& command = use_image_command ? image.command : request.command;
  out.args.insert(out.args.end(), command.begin(), command.end());
  if (out.args.empty())
    return fail("run", request.image, EINVAL, "the image names no command: give one after the image's name");

  const auto user = TRY(oci::find_user_in(rootfs.lower, request.user.empty() ? image.user : request.user));
  out.uid = user.uid;
  out.gid = user.gid;
  out.groups = user.groups;
  out.terminal = request.terminal;
  out.privileged = request.privileged;
  out.env = oci::complete_environment(image.env, plan_environment(request.env), user.uid, user.home);
  if (request.terminal)
    if (const char* term = std::getenv("TERM"); term != nullptr && *term != '\0')
      out.env = oci::complete_environment({fmt::format("TERM={}", term)}, out.env, user.uid, user.home);
  for (const auto& name : request.capabilities)
    out.added_capabilities.push_back(TRY(oci::capability_name(name)));
  out.cwd = !request.workdir.empty() ? request.workdir : image.working_dir.empty() ? "/" : image.working_dir;
  if (!out.cwd.starts_with('/'))
    return fail("use working directory", out.cwd, EINVAL, "it must be an absolute path");
  return out;
}

Result<oci::BindMount> parse_volume(const std::string& text) {
  const auto bad = [&](std::string_view why) {
    return fail("mount", fmt::format("\"{}\"", text), EINVAL,
                fmt::format("{}; the form is SOURCE:DESTINATION[:ro]", why));
  };
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0) return bad("source and destination are needed");
  oci::BindMount out{.source = text.substr(0, colon), .destination = text.substr(colon + 1)};
  if (const auto options = out.destination.find(':'); options != std::string::npos) {
    const auto word = out.destination.substr(options + 1);
    if (word != "ro" && word != "rw") return bad("after the second colon only ro and rw are known");
    out.read_only = word == "ro";
    out.destination.resize(options);
  }
  if (!out.destination.starts_with('/') || out.destination == "/")
    return bad("the destination must be a path below /");
  std::array<char, PATH_MAX> resolved{};
  if (::realpath(out.source.c_str(), resolved.data()) == nullptr) return fail("mount", out.source, errno);
  out.source = resolved.data();
  return out;
}

}  // namespace podwire::docker
