#include "oci/runc.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>

#include "base/file.h"
#include "oci/json_view.h"

namespace podwire::oci {
namespace {

StartError engine_error(Error error) { return {125, std::move(error)}; }

/// Where runc logs: a file that is empty at first. Its content explains a failure.
Result<> fresh_log(const std::string& path) {
  TRY(remove_file(path));
  return write_all(TRY(open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600)).get(), "");
}

StartError failure(const std::string& log, std::string_view what) {
  return start_error_from_log(read_file(log).value_or(""), what);
}

bool log_has_error(const std::string& log) {
  const auto text = read_file(log);
  return text && text->find("\"level\":\"error\"") != std::string::npos;
}

}  // namespace

StartError start_error_from_log(std::string_view log, std::string_view what) {
  std::string message;
  while (!log.empty()) {
    const auto end = std::min(log.find('\n'), log.size());
    if (const auto line = parse_json(log.substr(0, end), "runc log"); line && line->is_object()) {
      const JsonView view(*line, "runc log");
      const auto fields = view.text_map();
      if (fields && fields->contains("level") && fields->at("level") == "error" && fields->contains("msg"))
        message = fields->at("msg");
    }
    log.remove_prefix(std::min(end + 1, log.size()));
  }
  int code = 125;
  const auto says = [&](std::string_view words) { return message.find(words) != std::string::npos; };
  if (says("executable file not found") || (says("exec") && says("no such file or directory")))
    code = 127;
  else if (says("exec") && (says("permission denied") || says("is a directory") || says("exec format error")))
    code = 126;
  if (message.empty()) message = "runc gave no reason";
  return {code,
          Error{.verb = "start", .object = std::string(what), .sys_errno = 0, .detail = std::move(message)}};
}

Command Runc::command(std::vector<std::string> args, const std::string& log) const {
  std::vector<std::string> argv{"runc", "--root", root_};
  if (!log.empty()) argv.insert(argv.end(), {"--log", log, "--log-format", "json"});
  argv.insert(argv.end(), std::make_move_iterator(args.begin()), std::make_move_iterator(args.end()));
  return {.argv = std::move(argv)};
}

StartResult<pid_t> Runc::start(const std::string& id, const std::string& bundle, const Stdio& stdio,
                               const std::string& console_socket) const {
  const std::string log = bundle + "/runc.log";
  const std::string pid_file = bundle + "/pid";
  std::vector<std::string> args{"run", "--detach", "--bundle", bundle, "--pid-file", pid_file};
  if (!console_socket.empty()) args.insert(args.end(), {"--console-socket", console_socket});
  args.push_back(id);
  const auto done = [&]() -> Result<int> {
    TRY(fresh_log(log));
    return wait_for(TRY(spawn(command(args, log), stdio)));
  }();
  if (!done) return std::unexpected(engine_error(done.error()));
  if (*done != 0) return std::unexpected(failure(log, "container"));
  const auto text = read_file(pid_file, 32);
  if (!text) return std::unexpected(engine_error(text.error()));
  pid_t pid = 0;
  std::from_chars(text->data(), text->data() + text->size(), pid);
  if (pid <= 0)
    return std::unexpected(engine_error({.verb = "read", .object = pid_file, .detail = "no pid in it"}));
  return pid;
}

StartResult<int> Runc::run_on_terminal(const std::string& id, const std::string& bundle) const {
  const std::string log = bundle + "/runc.log";
  const auto done = [&]() -> Result<int> {
    TRY(fresh_log(log));
    return run_attached(command({"run", "--bundle", bundle, "--pid-file", bundle + "/pid", id}, log));
  }();
  if (!done) return std::unexpected(engine_error(done.error()));
  // runc's own failures and the container's exit status share one number; only its log tells them apart.
  if (*done != 0 && log_has_error(log)) return std::unexpected(failure(log, "container"));
  return *done;
}

StartResult<int> Runc::exec(const std::string& id, const ExecSpec& spec, const std::string& log_dir) const {
  const std::string log = fmt::format("{}/exec-{}.log", log_dir, ::getpid());
  std::vector<std::string> args{"exec"};
  if (spec.terminal) args.push_back("--tty");
  if (!spec.cwd.empty()) args.insert(args.end(), {"--cwd", spec.cwd});
  if (!spec.user.empty()) args.insert(args.end(), {"--user", spec.user});
  for (const auto& variable : spec.env) args.insert(args.end(), {"--env", variable});
  args.push_back(id);
  args.insert(args.end(), spec.args.begin(), spec.args.end());
  const auto done = [&]() -> Result<int> {
    TRY(fresh_log(log));
    Command runc = command(args, log);
    if (!spec.interactive && !spec.terminal)
      runc.before_exec = [] {
        const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        return null >= 0 && ::dup2(null, 0) == 0 ? 0 : 1;
      };
    return run_attached(runc);
  }();
  StartResult<int> out = 0;
  if (!done)
    out = std::unexpected(engine_error(done.error()));
  else if (*done != 0 && log_has_error(log))
    out = std::unexpected(failure(log, spec.args.empty() ? "" : spec.args[0]));
  else
    out = *done;
  [[maybe_unused]] const auto gone = remove_file(log);
  return out;
}

Result<> Runc::kill(const std::string& id, int signal) const {
  TRY(run_checked(command({"kill", id, std::to_string(signal)})));
  return {};
}

Result<> Runc::remove(const std::string& id) const {
  if (!file_exists(fmt::format("{}/{}", root_, id))) return {};
  TRY(run_checked(command({"delete", "--force", id})));
  return {};
}

Result<std::map<std::string, RuncState>> Runc::list() const {
  std::map<std::string, RuncState> out;
  if (!file_exists(root_)) return out;
  const auto document = TRY(parse_json(TRY(run_checked(command({"list", "--format", "json"}))), "runc list"));
  for (const auto& entry : TRY(JsonView(document, "runc list").items())) {
    RuncState state;
    state.pid = static_cast<int>(TRY(TRY(entry.at("pid")).number_or(0)));
    state.status = TRY(TRY(entry.at("status")).text_or(""));
    out[TRY(TRY(entry.at("id")).text())] = state;
  }
  return out;
}

}  // namespace podwire::oci
