#include "kubelet/pod_shim.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/verbs.h"
#include "runtime/shim.h"

namespace podwire::cli {

void add_pod_shim(CLI::App& app, Context& context) {
  auto* verb = app.add_subcommand("pod-shim", "Keep a pod's container (internal)");
  verb->group("");
  auto directory = std::make_shared<std::string>();
  auto runc = std::make_shared<std::string>();
  verb->add_option("directory", *directory)->required();
  verb->add_option("runc", *runc)->required();
  verb->callback([=, &context] {
    context.status = runtime::run_shim(
        [&](const auto& started) { return kubelet::keep_container(*directory, *runc, started); },
        UniqueFd(runtime::kReportFd));
  });
}

}  // namespace podwire::cli
