#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "docker/container_store.h"
#include "docker/netns_tools.h"

namespace podwire::cli {
namespace {

void add_list(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "ls", "List the network namespaces that podwire has made",
                        "  podwire netns ls\n  podwire netns ls -o json");
  auto output = std::make_shared<OutputOption>();
  add_list_output(*verb, *output);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto pinned = TRY(docker::pinned_namespaces(context.roots()));
      boost::json::array all;
      std::vector<std::string> headers{"NAME", "WHAT IT HOLDS"};
      if (output->wide()) headers.insert(headers.end(), {"INODE", "PATH"});
      Table table(headers);
      for (const auto& ns : pinned) {
        if (output->ids_only) print_line(ns.name);
        all.push_back(boost::json::object{
            {"Name", ns.name}, {"Path", ns.path}, {"Inode", ns.inode}, {"Purpose", ns.purpose}});
        std::vector<std::string> row{ns.name, ns.purpose};
        if (output->wide()) row.insert(row.end(), {std::to_string(ns.inode), ns.path});
        table.add(std::move(row));
      }
      if (output->structured()) print_value(all, *output);
      if (!output->structured() && !output->ids_only) print_table(table);
      return {};
    });
  });
}

void add_exec_in(CLI::App& app, Context& context) {
  constexpr const char* kUsage = "COMMAND...";
  auto* verb = add_verb(app, context, "exec", "Run a program of this machine in a network namespace",
                        "  podwire netns exec -- ip addr\n"
                        "  podwire netns exec -- brctl show\n"
                        "  podwire netns exec -c web -- tcpdump -ni eth0");
  set_usage(*verb, "podwire netns exec [OPTIONS] [--] " + std::string(kUsage));
  auto container = std::make_shared<std::string>();
  verb->add_option("-c,--container", *container,
                   "In this container's namespace (else where the bridges are)");
  verb->prefix_command();
  verb->callback([=, &context] {
    const auto command = command_of(*verb, 1, kUsage);
    context.run([&]() -> Result<> {
      const auto site = TRY(context.site());
      if (container->empty()) {
        context.status = TRY(docker::run_in_netns(site.netns(), command));
        return {};
      }
      const auto found = TRY(docker::ContainerStore(site.containers_dir()).find(*container));
      const auto netns = TRY(site.host().open_netns(site.container_netns(found.id)));
      context.status = TRY(docker::run_in_netns(netns, command));
      return {};
    });
  });
}

void add_remove(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "rm", "Remove podwire's network namespace, and its bridges with it",
                        "  podwire netns rm\n  podwire netns rm -f podwire");
  auto name = std::make_shared<std::string>(docker::kOwnNetns);
  auto force = std::make_shared<bool>(false);
  verb->add_option("name", *name, "Its name (default podwire)");
  verb->add_flag("-f,--force", *force, "Remove its containers first");
  verb->callback(
      [=, &context] { context.run([&] { return docker::remove_netns(context.roots(), *name, *force); }); });
}

}  // namespace

void add_netns(CLI::App& app, Context& context) {
  auto* noun = add_noun(app, "netns", "Look into the network namespaces that podwire has made");
  add_list(*noun, context);
  add_exec_in(*noun, context);
  add_remove(*noun, context);
}

}  // namespace podwire::cli
