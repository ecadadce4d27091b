#pragma once
#include <CLI/App.hpp>

#include "cli/context.h"

namespace podwire::cli {

// One file a verb or a small group of verbs; main.cpp has the table. Each adds itself to the tree and does
// its work in its callback, leaving the exit status in the context.
void add_network(CLI::App& app, Context& context);
void add_container(CLI::App& app, Context& context);
void add_image(CLI::App& app, Context& context);
void add_netns(CLI::App& app, Context& context);
void add_demo(CLI::App& app, Context& context);
void add_lab(CLI::App& app, Context& context);
void add_server(CLI::App& app, Context& context);
void add_agent(CLI::App& app, Context& context);
void add_proxy(CLI::App& app, Context& context);  ///< with `services` and `endpoints`
void add_version(CLI::App& app, Context& context);
void add_completion(CLI::App& app, Context& context);
void add_shim(CLI::App& app, Context& context);        ///< internal: the keeper of a detached container
void add_stand_in(CLI::App& app, Context& context);    ///< internal: what plays a well-known image
void add_pod_shim(CLI::App& app, Context& context);    ///< internal: the keeper of a pod's container
void add_lab_keeper(CLI::App& app, Context& context);  ///< internal: what a lab lives in

// Below `container` and, as Docker has them, at the top.
void add_run(CLI::App& app, Context& context);
void add_exec(CLI::App& app, Context& context);
void add_list_containers(CLI::App& app, Context& context, const std::string& name);
void add_logs(CLI::App& app, Context& context);

}  // namespace podwire::cli
