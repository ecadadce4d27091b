#include <CLI/CLI.hpp>
#include <memory>

#include "cli/verbs.h"
#include "standin/run.h"

namespace podwire::cli {

void add_stand_in(CLI::App& app, Context& context) {
  auto* verb =
      app.add_subcommand("stand-in", "Answer as a well-known image does: hello-kubernetes, nginx...");
  verb->group("");  // hidden: containers run it, as `podwire-cni stand-in`
  verb->prefix_command();
  verb->callback([verb, &context] { context.status = standin::run_stand_in(verb->remaining()); });
}

}  // namespace podwire::cli
