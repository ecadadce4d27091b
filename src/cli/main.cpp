#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "cli/command_line.h"
#include "cli/verbs.h"

namespace {

using namespace podwire::cli;

constexpr int kUsageError = 2;

/// The verbs in the order of --help. One line each.
constexpr std::array kVerbs{
    add_network,     //
    add_container,   //
    add_image,       //
    add_netns,       //
    add_demo,        //
    add_lab,         //
    add_server,      //
    add_agent,       //
    add_proxy,       //
    add_version,     //
    add_completion,  //
    add_shim,        //
    add_pod_shim,    //
    add_stand_in,    //
    add_lab_keeper,  //
};

/// Docker's habit: the verbs of containers that people type most, without the noun.
void add_aliases(CLI::App& app, Context& context) {
  add_run(app, context);
  add_exec(app, context);
  add_list_containers(app, context, "ps");
  add_logs(app, context);
  for (const auto* name : {"run", "exec", "ps", "logs"})
    app.get_subcommand(name)->group("As Docker has them");
}

/// The verb that was given, for "see podwire network create --help".
std::string given_verb(const CLI::App& app) {
  std::string out = app.get_name();
  for (const CLI::App* at = &app; !at->get_subcommands().empty(); out += " " + at->get_name())
    at = at->get_subcommands()[0];
  return out;
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  print_error({.verb = error.what(), .detail = "see " + given_verb(app) + " --help"});
  return kUsageError;
}

int run(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // `podwire container ls | head -1` ends quietly
  Context context;
  CLI::App app("podwire: the network of containers and of a Kubernetes cluster, made to be looked at",
               "podwire");
  app.require_subcommand(1);
  app.add_option(
      "--netns", context.netns,
      "Network namespace that containers hang on: podwire (its own, the default), host, a name or a path");
  app.add_option("--root", context.root,
                 "Keep all state below this directory (default /var/lib/podwire and /run/podwire)");
  app.footer(
      "\nExamples:\n"
      "  podwire run -d --name web -p 8080:80 busybox httpd -f -p 80\n"
      "  podwire exec web ip addr\n"
      "  podwire network create mynet\n"
      "podwire VERB --help tells more. Environment: PODWIRE_NETNS, PODWIRE_ROOT, PODWIRE_CNI, PODWIRE_LOG.");
  for (const auto& add : kVerbs) add(app, context);
  add_aliases(app, context);
  try {
    app.parse(prepare_arguments(argc, argv));
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  return context.status;
}

}  // namespace

int main(int argc, char** argv) {
  // Nothing that can happen in the world throws, but a bug may, or memory that is not there.
  try {
    return run(argc, argv);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "podwire: error: %s\n", bug.what());
    return 1;
  }
}
