#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_line.h"
#include "cli/verbs.h"
#include "docker/logs.h"

namespace podwire::cli {

void add_logs(CLI::App& app, Context& context) {
  auto* verb =
      add_verb(app, context, "logs", "Print what a container has written",
               "  podwire logs web\n  podwire logs -f --tail 10 web\n  podwire logs -t web 2>/dev/null");
  auto request = std::make_shared<docker::LogRequest>();
  auto name = std::make_shared<std::string>();
  auto tail = std::make_shared<long>(-1);
  verb->add_option("name", *name, "Name or id")->required();
  verb->add_flag("-f,--follow", request->follow, "Go on until it ends");
  verb->add_flag("-t,--timestamps", request->timestamps, "When each line was written");
  verb->add_option("-n,--tail", *tail, "Only the last so many lines")->check(CLI::NonNegativeNumber);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      if (*tail >= 0) request->tail = static_cast<std::size_t>(*tail);
      const auto site = TRY(context.site());
      return docker::print_logs(site, *name, *request);
    });
  });
}

}  // namespace podwire::cli
