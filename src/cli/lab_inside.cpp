#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>

#include "base/file.h"
#include "base/spawn.h"
#include "cli/command_line.h"
#include "cli/lab.h"
#include "cli/output.h"
#include "lab/machine.h"
#include "lab/machine_disk.h"

namespace podwire::cli {
namespace {

namespace json = boost::json;

/// Where our own program is, and podwire-cni beside it.
std::string own_directory() {
  std::array<char, 4096> own{};
  const auto n = ::readlink("/proc/self/exe", own.data(), own.size());
  const std::string program(own.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  return program.substr(0, program.rfind('/'));
}

/// Our own environment, with what belongs to the machine in place of what belongs to us.
std::vector<std::string> environment_inside(const std::string& node) {
  std::vector<std::string> out;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view v(*variable);
    if (!v.starts_with("KUBECONFIG=") && !v.starts_with("PATH=") && !v.starts_with("PODWIRE_"))
      out.emplace_back(v);
  }
  const char* path = std::getenv("PATH");
  // Tools such as brctl and tcpdump are in the sbin directories, where root finds them.
  out.push_back(fmt::format("PATH={}:{}:/usr/local/sbin:/usr/sbin:/sbin", own_directory(),
                            path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin"));
  out.emplace_back("KUBECONFIG=/etc/podwire/kubeconfig");
  out.push_back("PODWIRE_NODE=" + node);
  return out;
}

Result<int> run_inside(const Context& context, const std::string& lab, const std::string& node,
                       std::vector<std::string> command) {
  // `podwire` is the very one that the lab runs with, whatever PATH says out here.
  if (const auto beside = own_directory() + "/" + command.front();
      command.front().find('/') == std::string::npos && ::access(beside.c_str(), X_OK) == 0)
    command.front() = beside;
  const auto found = TRY(running_node(TRY(lab_status(context, lab)), node));
  return run_attached(TRY(lab::inside_machine(
      found.pid, {.argv = std::move(command), .env = environment_inside(node), .input = {}})));
}

void add_exec(CLI::App& noun, Context& context) {
  constexpr const char* kUsage = "NODE [--] COMMAND...";
  auto* verb = add_verb(noun, context, "exec", "Run a program of this machine on a node",
                        "  podwire lab exec node0 -- ip route\n"
                        "  podwire lab exec node1 -- bridge fdb show dev podwire.1\n"
                        "  podwire lab exec internet -- ping -c 1 10.89.0.10");
  set_usage(*verb, "podwire lab exec [--name NAME] " + std::string(kUsage));
  const auto lab = add_lab_name(*verb);
  verb->prefix_command();
  verb->callback([=, &context] {
    auto command = command_of(*verb, 2, kUsage);
    const auto node = command.front();
    command.erase(command.begin());
    if (command.front() == "--") command.erase(command.begin());
    context.run([&]() -> Result<> {
      if (command.empty())
        return fail("run on", node, EINVAL, std::string("usage: podwire lab exec ") + kUsage);
      context.status = TRY(run_inside(context, *lab, node, command));
      return {};
    });
  });
}

void add_ssh(CLI::App& noun, Context& context) {
  auto* verb = add_verb(noun, context, "ssh", "A shell on a node; `exit` ends it",
                        "  podwire lab ssh node0\n  podwire lab ssh internet");
  const auto lab = add_lab_name(*verb);
  auto node = std::make_shared<std::string>("node0");
  verb->add_option("node", *node, "The node (default node0)");
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto shell = find_program("bash").empty() ? "sh" : "bash";
      context.status = TRY(run_inside(context, *lab, *node, {shell}));
      return {};
    });
  });
}

/// The log of a program on a node, whether that is on or off.
Result<std::string> log_path(const Context& context, const std::string& lab, const json::object& status,
                             const std::string& node, const std::string& service) {
  const auto path = fmt::format("/var/log/podwire/{}.log", service);
  if (const auto running = running_node(status, node))
    return fmt::format("/proc/{}/root{}", running->pid, path);
  if (running_node(status, node).error().sys_errno == ENOENT)
    return std::unexpected(running_node(status, node).error());
  return fmt::format("/proc/{}/root{}", status.at("keeper").to_number<int>(),
                     lab::MachineDisk::outside_path(lab_files(context, lab).disk(node), path));
}

void add_lab_logs(CLI::App& noun, Context& context) {
  auto* verb = add_verb(noun, context, "logs", "Print what a lab's programs have said",
                        "  podwire lab logs node1\n  podwire lab logs server\n  podwire lab logs");
  const auto lab = add_lab_name(*verb);
  auto what = std::make_shared<std::string>("keeper");
  verb->add_option("what", *what,
                   "A node, for its agent; server; or keeper (default), which keeps all others running");
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      std::string path = lab_files(context, *lab).log();
      if (*what != "keeper") {
        const auto status = TRY(lab_status(context, *lab));
        const auto first = text_of(status.at("nodes").as_array().at(0).as_object(), "name");
        path = *what == "server" ? TRY(log_path(context, *lab, status, first, "server"))
                                 : TRY(log_path(context, *lab, status, *what, "agent"));
      }
      return write_all(Fd(1), TRY(read_file(path, std::size_t{1} << 30)));
    });
  });
}

}  // namespace

void add_lab_inside(CLI::App& noun, Context& context) {
  add_exec(noun, context);
  add_ssh(noun, context);
  add_lab_logs(noun, context);
}

}  // namespace podwire::cli
