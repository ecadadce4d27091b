#include "cli/lab.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <cerrno>

#include "base/file.h"
#include "base/spawn.h"
#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "lab/cluster/remains.h"

namespace podwire::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const json::array& nodes_of(const json::object& status) {
  static const json::array none;
  const auto* nodes = status.if_contains("nodes");
  return nodes != nullptr && nodes->is_array() ? nodes->get_array() : none;
}

void add_status(CLI::App& noun, Context& context) {
  auto* verb = add_verb(noun, context, "status", "Show a lab's nodes and how they are",
                        "  podwire lab status\n  podwire lab status -o json");
  const auto name = add_lab_name(*verb);
  auto output = std::make_shared<OutputOption>();
  add_list_output(*verb, *output);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto status = TRY(lab_status(context, *name));
      if (output->structured()) {
        print_value(status, *output);
        return {};
      }
      Table table({"NODE", "STATE", "ADDRESSES", "POD CIDRS", "PID", "TROUBLE"});
      for (const auto& value : nodes_of(status)) {
        const auto& node = value.as_object();
        const auto pid = node.at("pid").to_number<int>();
        table.add({text_of(node, "name"), text_of(node, "state"), text_of(node, "addresses"),
                   text_of(node, "podCIDRs"), pid == 0 ? "-" : std::to_string(pid),
                   text_of(node, "trouble")});
      }
      print_table(table);
      return {};
    });
  });
}

/// Of a lab whose keeper has gone.
Result<> remove_dead(const lab::LabFiles& files) {
  const auto lock = TRY(FileLock::acquire(files.lock(), 5s));
  return lab::remove_remains(files);
}

void add_down(CLI::App& noun, Context& context) {
  auto* verb = add_verb(noun, context, "down", "Take a lab down: nothing of it is left",
                        "  podwire lab down\n  podwire lab down --name second");
  const auto name = add_lab_name(*verb);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto files = lab_files(context, *name);
      if (!file_exists(files.directory)) {
        print_hint(fmt::format("there is no lab {}", *name));
        return {};
      }
      auto lab = lab::LabConnection::open(files);
      if (!lab)
        return lab.error().sys_errno == EPERM || lab.error().sys_errno == EACCES
                   ? std::unexpected(lab.error())
                   : remove_dead(files);
      const lab::Deadline deadline(60s);
      TRY(lab->ask({{"do", "down"}}, deadline));
      return lab->wait_for_end(deadline);
    });
  });
}

void add_list(CLI::App& noun, Context& context) {
  auto* verb = add_verb(noun, context, "list", "Show all labs of this machine", "  podwire lab list");
  auto output = std::make_shared<OutputOption>();
  add_list_output(*verb, *output);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      Table table({"LAB", "NODES", "READY", "API SERVER"});
      json::array all;
      for (const auto& name : TRY(lab::labs_in(labs_directory(context)))) {
        if (output->ids_only) print_line(name);
        auto status = lab_status(context, name);
        if (!status) {
          table.add({name, "-", "its keeper has ended", "-"});
          all.push_back(json::object{{"name", name}, {"state", "dead"}});
          continue;
        }
        std::size_t ready = 0;
        for (const auto& node : nodes_of(*status))
          ready += text_of(node.as_object(), "state") == "Ready" ? 1 : 0;
        table.add({name, std::to_string(nodes_of(*status).size()), std::to_string(ready),
                   text_of(*status, "server")});
        all.push_back(std::move(*status));
      }
      if (output->structured()) print_value(all, *output);
      if (!output->structured() && !output->ids_only) print_table(table);
      return {};
    });
  });
}

void add_kubeconfig(CLI::App& noun, Context& context) {
  auto* verb = add_verb(noun, context, "kubeconfig", "Print the path of a lab's kubeconfig",
                        "  export KUBECONFIG=$(podwire lab kubeconfig)");
  const auto name = add_lab_name(*verb);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      print_line(text_of(TRY(lab_status(context, *name)), "kubeconfig"));
      return {};
    });
  });
}

void add_kubectl(CLI::App& noun, Context& context) {
  constexpr const char* kUsage = "ARGUMENTS...";
  auto* verb = add_verb(noun, context, "kubectl", "Run kubectl on a lab's cluster",
                        "  podwire lab kubectl get nodes -o wide\n"
                        "  podwire lab kubectl apply -f examples/hello-kubernetes.yaml");
  set_usage(*verb, "podwire lab kubectl [--name NAME] " + std::string(kUsage));
  const auto name = add_lab_name(*verb);
  verb->prefix_command();
  verb->callback([=, &context] {
    auto command = command_of(*verb, 1, kUsage);
    context.run([&]() -> Result<> {
      const auto kubeconfig = text_of(TRY(lab_status(context, *name)), "kubeconfig");
      if (find_program("kubectl").empty())
        return fail("run", "kubectl", ENOENT,
                    "it is not in PATH; install it, or use any other client with the file that `podwire lab "
                    "kubeconfig` names");
      command.insert(command.begin(), "kubectl");
      ::setenv("KUBECONFIG", kubeconfig.c_str(), 1);
      context.status = TRY(run_attached({.argv = command, .env = {}, .input = {}}));
      return {};
    });
  });
}

}  // namespace

std::shared_ptr<std::string> add_lab_name(CLI::App& verb) {
  auto name = std::make_shared<std::string>("lab");
  verb.add_option("--name", *name, "Which lab (default lab)")->envname("PODWIRE_LAB");
  return name;
}

std::string labs_directory(const Context& context) { return context.roots().run + "/lab"; }

lab::LabFiles lab_files(const Context& context, const std::string& name) {
  return lab::LabFiles::of(labs_directory(context), name);
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<json::object> ask_lab(const Context& context, const std::string& name, const json::object& request) {
  auto lab = TRY(lab::LabConnection::open(lab_files(context, name)));
  return lab.ask(request, lab::Deadline(60s));
}

Result<json::object> lab_status(const Context& context, const std::string& name) {
  const auto answer = TRY(ask_lab(context, name, {{"do", "status"}}));
  const auto* status = answer.if_contains("status");
  if (status == nullptr || !status->is_object()) return fail("understand", "the lab's keeper", EPROTO);
  return status->get_object();
}

Result<RunningNode> running_node(const json::object& status, const std::string& name) {
  std::string names;
  for (const auto& value : nodes_of(status)) {
    const auto& node = value.as_object();
    const auto own = text_of(node, "name");
    names += (names.empty() ? "" : ", ") + own;
    if (own != name) continue;
    const auto pid = node.at("pid").to_number<int>();
    if (pid == 0) return fail("enter", name, ENOTCONN, "it is off: `podwire lab start " + name + "`");
    return RunningNode{name, pid};
  }
  if (const auto* internet = status.if_contains("internet"); name == "internet" && internet != nullptr)
    return RunningNode{name, internet->to_number<int>()};
  return fail("find node", name, ENOENT,
              fmt::format("lab {} has {} and internet", text_of(status, "name"), names));
}

void add_lab(CLI::App& app, Context& context) {
  auto* noun = add_noun(app, "lab", "A whole cluster on this machine: each node is a set of namespaces");
  add_lab_up(*noun, context);
  add_down(*noun, context);
  add_status(*noun, context);
  add_list(*noun, context);
  add_lab_nodes(*noun, context);
  add_lab_inside(*noun, context);
  add_kubectl(*noun, context);
  add_kubeconfig(*noun, context);
}

}  // namespace podwire::cli
