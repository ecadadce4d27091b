#include "lab/cluster/node.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/file.h"
#include "base/log.h"
#include "base/spawn.h"

namespace podwire::lab {
namespace {

constexpr int kUsageError = 2;  // of every verb of podwire
constexpr const char* kLogs = "/var/log/podwire";

std::string log_path(const std::string& service) { return fmt::format("{}/{}.log", kLogs, service); }

}  // namespace

std::string last_line(std::string_view text) {
  if (const auto error = text.rfind("error: "); error != std::string_view::npos)
    return std::string(text.substr(error, text.find('\n', error) - error));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text.substr(text.rfind('\n') + 1));
}

Result<> LabNode::switch_on(Backbone& backbone) {
  if (machine_) return fail("start", name_, EALREADY, "it runs already");
  const auto disk = TRY(MachineDisk::open(disk_));
  machine_.emplace(TRY(Machine::start(name_, &disk)));
  TRY(backbone.plug(*machine_, place_));
  TRY(write("/etc/hostname", name_ + "\n", 0644));
  TRY(write("/etc/resolv.conf", "# There is no DNS on the wire.\n", 0644));
  TRY(make_directories(machine_->outside_path("/opt/cni/bin")));
  const auto plugin = machine_->outside_path("/opt/cni/bin/podwire-cni");
  if (::symlink(programs_.podwire_cni.c_str(), plugin.c_str()) != 0 && errno != EEXIST)
    return fail("link", plugin, errno);
  TRY(make_directories(machine_->outside_path(kLogs)));
  trouble_.clear();
  hopeless_ = false;
  return {};
}

void LabNode::kill() {
  for (const auto& kept : kept_) kept.service->stop();
  if (machine_) machine_->kill();
}

Result<> LabNode::switch_off(Backbone& backbone) {
  if (!machine_) return {};
  kill();
  for (const auto& kept : kept_) kept.notify->close();
  kept_.clear();
  ErrorList errors;
  errors.check(backbone.unplug(name_, place_));
  errors.check(machine_->stop());
  machine_.reset();
  return errors.result();
}

Result<> LabNode::keep(boost::asio::io_context& io, const std::string& name, std::vector<std::string> args,
                       std::vector<std::string> env, const std::vector<Fd>& sockets,
                       std::function<void()> ready) {
  if (!machine_) return fail("start", name, ESRCH, name_ + " is off");
  Command command{.argv = {programs_.podwire}, .env = {}, .input = {}, .descriptors = sockets};
  command.argv.insert(command.argv.end(), args.begin(), args.end());
  for (char** variable = environ; *variable != nullptr; ++variable) command.env.emplace_back(*variable);
  command.env.insert(command.env.end(), env.begin(), env.end());
  const auto notify_path = "/run/podwire/notify-" + name;
  command.env.push_back("NOTIFY_SOCKET=" + notify_path);
  if (!sockets.empty()) {
    command.env.push_back(fmt::format("LISTEN_FDS={}", sockets.size()));
    // Who forks cannot know the child's number in the machine's PID namespace.
    command.env.emplace_back("LISTEN_PID=0");
  }
  TRY(make_directories(machine_->outside_path("/run/podwire")));
  auto notify = TRY(NotifySocket::listen(io, machine_->outside_path(notify_path), std::move(ready)));
  const auto start = [this, name, command = std::move(command)]() -> Result<pid_t> {
    if (!machine_) return fail("start", name, ESRCH, "its machine is off");
    const auto log =
        TRY(open_file(machine_->outside_path(log_path(name)), O_WRONLY | O_APPEND | O_CREAT, 0640));
    return spawn(machine_->inside(command), {{}, log.get(), log.get()});
  };
  auto service = Service::keep(io, name, start, [this, name, notify](std::string sentence, int status) {
    notify->forget();
    note_trouble(name, std::move(sentence), status);
  });
  kept_.push_back({name, std::move(service), std::move(notify)});
  return {};
}

void LabNode::note_trouble(const std::string& service, std::string sentence, int status) {
  trouble_ = std::move(sentence);
  if (machine_)
    if (const auto log = read_file(machine_->outside_path(log_path(service)));
        log && !last_line(*log).empty())
      trouble_ += ": " + last_line(*log);
  hopeless_ = hopeless_ || status == kUsageError;
  log::warn(name_ + ": " + trouble_);
  if (on_change) on_change();
}

Result<> LabNode::write(const std::string& path, const std::string& text, mode_t mode) const {
  if (!machine_) return fail("write", path, ESRCH, name_ + " is off");
  const auto outside = machine_->outside_path(path);
  TRY(make_directories(std::filesystem::path(outside).parent_path().string()));
  return write_file_atomic(outside, text, mode, Durability::until_reboot);
}

bool LabNode::keeps(const std::string& service) const {
  return std::ranges::any_of(kept_, [&](const Kept& kept) { return kept.name == service; });
}

bool LabNode::ready(const std::string& service) const {
  return std::ranges::any_of(kept_,
                             [&](const Kept& kept) { return kept.name == service && kept.notify->ready(); });
}

}  // namespace podwire::lab
