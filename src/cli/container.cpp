#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "docker/container_store.h"
#include "docker/inspect.h"
#include "docker/takedown.h"

namespace podwire::cli {
namespace {

void add_inspect(CLI::App& app, Context& context) {
  auto* verb =
      add_verb(app, context, "inspect", "Show all that is known of containers",
               "  podwire container inspect web\n"
               "  podwire container inspect web | jq -r '.[0].NetworkSettings.Networks[].IPAddress'");
  auto names = std::make_shared<std::vector<std::string>>();
  auto output = std::make_shared<OutputOption>();
  verb->add_option("name", *names, "Names or ids")->required();
  add_inspect_output(*verb, *output);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto site = TRY(context.site());
      const auto held = TRY(site.lock());
      TRY(docker::settle(site));
      const docker::ContainerStore store(site.containers_dir());
      boost::json::array all;
      for (const auto& name : *names) {
        const auto container = TRY(store.find(name));
        all.push_back(docker::inspect_container(container, docker::pid_of(site, container),
                                                site.container_netns(container.id), store.log(container.id)));
      }
      print_value(all, *output);
      return {};
    });
  });
}

/// Does the same to each container and goes on past errors; prints what worked.
template <class F>
void each(Context& context, const std::vector<std::string>& names, F act) {
  context.run([&]() -> Result<> {
    const auto site = TRY(context.site());
    for (const auto& name : names) {
      if (auto done = act(site, name); !done)
        context.fail_with(done.error());
      else
        print_line(name);
    }
    return {};
  });
}

void add_remove(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "rm", "Remove containers",
                        "  podwire container rm web\n  podwire container rm -f web db");
  auto names = std::make_shared<std::vector<std::string>>();
  auto force = std::make_shared<bool>(false);
  verb->add_option("name", *names, "Names or ids")->required();
  verb->add_flag("-f,--force", *force, "Kill it when it runs; do not mind when there is none");
  verb->callback([=, &context] {
    each(context, *names, [&](const docker::Site& site, const std::string& name) -> Result<> {
      auto removed = docker::remove_container(site, name, *force);
      if (!removed && *force && removed.error().sys_errno == ENOENT) return {};
      return removed;
    });
  });
}

void add_stop(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "stop", "End containers: SIGTERM, and SIGKILL after a while",
                        "  podwire container stop web\n  podwire container stop -t 0 web");
  auto names = std::make_shared<std::vector<std::string>>();
  auto grace = std::make_shared<int>(10);
  verb->add_option("name", *names, "Names or ids")->required();
  verb->add_option("-t,--time", *grace, "Seconds between the two (default 10)")->check(CLI::Range(0, 3600));
  verb->callback([=, &context] {
    each(context, *names, [&](const docker::Site& site, const std::string& name) {
      return docker::stop_container(site, name, *grace);
    });
  });
}

}  // namespace

void add_container(CLI::App& app, Context& context) {
  auto* noun =
      add_noun(app, "container", "Containers on this machine, attached to a bridge as Docker does it");
  add_run(*noun, context);
  add_exec(*noun, context);
  add_list_containers(*noun, context, "ls");
  add_inspect(*noun, context);
  add_logs(*noun, context);
  add_stop(*noun, context);
  add_remove(*noun, context);
}

}  // namespace podwire::cli
