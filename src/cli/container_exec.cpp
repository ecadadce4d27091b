#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>

#include "cli/command_line.h"
#include "cli/verbs.h"
#include "docker/exec.h"

namespace podwire::cli {

void add_exec(CLI::App& app, Context& context) {
  constexpr const char* kUsage = "CONTAINER COMMAND...";
  auto* verb = add_verb(app, context, "exec", "Run one more command in a running container",
                        "  podwire exec web ip addr\n"
                        "  podwire exec -it web sh\n"
                        "  echo hello | podwire exec -i web cat");
  set_usage(*verb, "podwire exec [OPTIONS] " + std::string(kUsage));
  auto request = std::make_shared<docker::ExecRequest>();
  verb->add_flag("-i,--interactive", request->interactive, "Pass standard input on");
  verb->add_flag("-t,--tty", request->terminal, "Give it a terminal");
  add_repeated(*verb, "-e,--env", request->env, "Environment: NAME=VALUE, or NAME to pass ours on");
  verb->add_option("-w,--workdir", request->workdir, "Working directory");
  verb->add_option("-u,--user", request->user, "User: NAME or UID[:GROUP or GID]");
  verb->prefix_command();
  verb->callback([=, &context] {
    constexpr int kEngineFailed = 125;
    auto words = command_of(*verb, 2, kUsage);
    request->command.assign(words.begin() + 1, words.end());
    if (request->terminal && ::isatty(0) == 0)
      return context.fail_with({"run", "with a terminal", ENOTTY, "standard input is none; leave out -t"},
                               kEngineFailed);
    const auto site = context.site();
    if (!site) return context.fail_with(site.error(), kEngineFailed);
    const auto ended = docker::exec_in_container(*site, words[0], *request);
    if (ended)
      context.status = *ended;
    else
      context.fail_with(ended.error().error, ended.error().exit_code);
  });
}

}  // namespace podwire::cli
