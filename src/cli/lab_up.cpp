#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <cerrno>
#include <memory>

#include "base/file.h"
#include "cli/command_line.h"
#include "cli/lab.h"
#include "cli/lab_progress.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "client/yaml_reader.h"
#include "lab/cluster/footloose.h"
#include "lab/cluster/keeper.h"
#include "lab/cluster/settings.h"
#include "lab/interruption.h"
#include "runtime/cni_client.h"

namespace podwire::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

struct Up {
  lab::LabFlags flags;
  std::string file;
  unsigned wait = 60;
  CLI::Option *name = nullptr, *nodes = nullptr;
};

/// The flags that `up` and the keeper that it starts have in common.
void add_flags(CLI::App& verb, Up& up) {
  auto& f = up.flags;
  up.name = verb.add_option("--name", f.name, "The lab's name (default lab)")->envname("PODWIRE_LAB");
  up.nodes = verb.add_option("--nodes", f.nodes, "How many nodes")->capture_default_str();
  verb.add_option("--cluster-cidr", f.cluster_cidr, "Where pods get their addresses (default 10.244.0.0/16)");
  verb.add_option("--service-cidr", f.service_cidr,
                  "Where Services get their addresses (default 10.96.0.0/12)");
  verb.add_option("--node-cidr", f.node_cidr, "Where nodes have their addresses (default 10.89.0.0/24)");
  auto* dual = verb.add_flag("--dual-stack", f.dual_stack, "IPv4 and IPv6");
  verb.add_flag("--ipv6", f.ipv6, "IPv6 alone")->excludes(dual);
  verb.add_option("--backend", f.backend, "Between nodes: auto, host-gw or vxlan");
  verb.add_option("--pod-link", f.pod_link, "From node to pod: routed or bridge");
  verb.add_option("--ipam", f.ipam, "Who gives pods their addresses: node-cidr or blocks");
  verb.add_option("--proxy", f.proxy, "How Services are reached, as `podwire agent` has it");
  verb.add_option("--segments", f.segments,
                  "Networks that the nodes are spread over, with a router between them")
      ->capture_default_str();
  verb.add_option("--api-port", f.api_port,
                  "Of the API server on this machine's 127.0.0.1 (default any free one)");
  add_repeated(verb, "--agent-arg", f.agent_args, "One more argument for each agent");
  add_repeated(verb, "--server-arg", f.server_args, "One more argument for the server");
  verb.add_option("--as-long-as", f.as_long_as, "Take the lab down when the process with this id ends");
}

std::vector<std::string> arguments(const lab::LabFlags& f) {
  std::vector<std::string> out{"--name",     f.name,
                               "--nodes",    std::to_string(f.nodes),
                               "--segments", std::to_string(f.segments),
                               "--api-port", std::to_string(f.api_port)};
  for (const auto& [flag, value] : {std::pair("--cluster-cidr", &f.cluster_cidr),
                                    {"--service-cidr", &f.service_cidr},
                                    {"--node-cidr", &f.node_cidr},
                                    {"--backend", &f.backend},
                                    {"--pod-link", &f.pod_link},
                                    {"--ipam", &f.ipam},
                                    {"--proxy", &f.proxy}})
    if (!value->empty()) out.insert(out.end(), {flag, *value});
  if (f.dual_stack) out.emplace_back("--dual-stack");
  if (f.ipv6) out.emplace_back("--ipv6");
  if (f.as_long_as != 0) out.insert(out.end(), {"--as-long-as", std::to_string(f.as_long_as)});
  for (const auto& name : f.node_names) out.insert(out.end(), {"--node-name", name});
  for (const auto& arg : f.agent_args) out.push_back("--agent-arg=" + arg);
  for (const auto& arg : f.server_args) out.push_back("--server-arg=" + arg);
  return out;
}

/// Names and counts out of footloose's file; what the command line says goes before it.
Result<> read_footloose(Up& up) {
  if (up.file.empty()) return {};
  auto document = client::json_from_yaml(TRY(read_file(up.file)));
  if (!document) return std::unexpected(std::move(document.error()).in(up.file));
  auto footloose = lab::footloose_from(*document);
  if (!footloose) return std::unexpected(std::move(footloose.error()).in(up.file));
  if (!footloose->ignored.empty())
    print_hint(fmt::format("{}: ignored, for it means nothing here: {}", up.file,
                           fmt::join(footloose->ignored, ", ")));
  if (up.name->count() == 0 && !footloose->name.empty()) up.flags.name = footloose->name;
  if (up.nodes->count() == 0) up.flags.node_names = footloose->machines;
  return {};
}

Result<> check_machine() {
  if (::geteuid() != 0) return fail("make a lab", {}, EPERM, "run it as root: sudo podwire lab up");
  for (const auto* program : {"nft", "runc"})
    if (find_program(program).empty())
      return fail("find program", program, ENOENT,
                  fmt::format("a lab needs {}; on Debian: apt install {}", program,
                              program == std::string_view("nft") ? "nftables" : program));
  return {};
}

/// How it went wrong, with what the programs said last.
std::string tail(const std::string& path) {
  const auto log = read_file(path);
  if (!log || log->empty()) return "";
  auto at = log->size();
  for (int lines = 0; lines < 8 && at != std::string::npos && at > 0; ++lines) at = log->rfind('\n', at - 1);
  return at == std::string::npos ? *log : log->substr(at + 1);
}

Result<> bring_up(Context& context, Up& up) {
  TRY(read_footloose(up));
  const auto settings = TRY(lab::lab_settings_of(up.flags));
  TRY(check_machine());
  TRY(runtime::find_cni_plugin());
  const auto files = lab_files(context, settings.name);
  auto command = context.own_command({"lab-keeper"});
  for (auto& argument : arguments(up.flags)) command.push_back(std::move(argument));
  const lab::Interruption interruption;
  const LabProgress clock(false);
  auto lab = TRY(lab::LabConnection::start(command));
  if (auto ready = watch_nodes(lab, {}, std::chrono::seconds(up.wait)); !ready) {
    if (lab::Interruption::signal() != 0) {
      print_hint("interrupted: what was made of the lab is taken down");
      context.status = 128 + lab::Interruption::signal();
      const lab::Interruption anew;  // the next signal ends this too
      auto keeper = TRY(lab::LabConnection::open(files));
      const lab::Deadline deadline(60s);
      TRY(keeper.ask({{"do", "down"}}, deadline));
      return keeper.wait_for_end(deadline);
    }
    // To be looked at, or taken down, by whoever waited.
    if (ready.error().sys_errno == ETIMEDOUT)
      static_cast<void>(lab.ask({{"do", "keep"}}, lab::Deadline(5s), {}));
    if (ready.error().sys_errno != EEXIST && file_exists(files.log()))
      print_hint("the keeper's last words:\n" + tail(files.log()));
    return ready;
  }
  print_line(fmt::format("lab {} is up: {} node{} Ready after {:.2f} s", settings.name, settings.nodes.size(),
                         settings.nodes.size() == 1 ? "" : "s", clock.seconds()));
  print_line(fmt::format("  export KUBECONFIG={}", files.kubeconfig()));
  return {};
}

}  // namespace

Result<> watch_nodes(lab::LabConnection& lab, const std::vector<std::string>& nodes,
                     std::chrono::seconds patience) {
  LabProgress progress(::isatty(1) == 1);
  json::object request{{"do", "wait"}};
  if (!nodes.empty()) request["nodes"] = json::array(nodes.begin(), nodes.end());
  std::map<std::string, std::string> missing;
  auto ready = lab.ask(request, lab::Deadline(patience), [&](const json::object& line) {
    const auto node = text_of(line, "node"), state = text_of(line, "state");
    missing[node] = state;
    if (state == "Ready") missing.erase(node);
    static_cast<void>(write_all(Fd(1), progress.tell(node, state, text_of(line, "trouble"))));
  });
  if (ready) return {};
  if (ready.error().sys_errno != ETIMEDOUT) return std::unexpected(std::move(ready.error()));
  std::string who;
  for (const auto& [node, state] : missing)
    who += fmt::format("{}{} ({})", who.empty() ? "" : ", ", node, state);
  return fail(
      "wait for nodes to be Ready", who, ETIMEDOUT,
      fmt::format(
          "they are not after {} s; `podwire lab logs NODE` tells why, `podwire lab down` removes the lab",
          patience.count()));
}

void add_lab_up(CLI::App& noun, Context& context) {
  auto* verb = add_verb(noun, context, "up", "Make a cluster of nodes, and wait until they are Ready",
                        "  podwire lab up\n"
                        "  podwire lab up --nodes 5 --backend vxlan --dual-stack\n"
                        "  podwire lab up -f examples/lab/footloose.yaml --name talk");
  auto up = std::make_shared<Up>();
  add_flags(*verb, *up);
  verb->add_option("-f,--file", up->file, "Names and counts of nodes, in footloose's YAML");
  verb->add_option("--wait", up->wait, "How many seconds the nodes have to become Ready")
      ->capture_default_str();
  verb->callback([=, &context] { context.run([&] { return bring_up(context, *up); }); });
}

void add_lab_keeper(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("lab-keeper", "The process that a lab lives in (internal)");
  verb->group("");
  auto up = std::make_shared<Up>();
  add_flags(*verb, *up);
  add_repeated(*verb, "--node-name", up->flags.node_names, "A node's name");
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto settings = TRY(lab::lab_settings_of(up->flags));
      const auto own = context.own_command({});
      return lab::keep_lab(settings, lab_files(context, settings.name),
                           {own.front(), TRY(runtime::find_cni_plugin())});
    });
  });
}

}  // namespace podwire::cli
