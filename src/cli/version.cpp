#include <fmt/format.h>
#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/process.h"
#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "runtime/cni_client.h"

namespace podwire::cli {
namespace {

/// What can be done here depends on these; asked at this moment.
boost::json::object found() {
  utsname kernel{};
  ::uname(&kernel);
  const auto plugin = runtime::find_cni_plugin();
  const auto or_missing = [](const std::string& path) { return path.empty() ? "not found" : path; };
  return {{"kernel", kernel.release},
          {"runc", or_missing(find_program("runc"))},
          {"nft", or_missing(find_program("nft"))},
          {"busybox", or_missing(find_program("busybox"))},
          {"podwire-cni", plugin ? *plugin : "not found"}};
}

}  // namespace

void add_version(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "version", "Show the version, and what podwire found on this machine",
                        "  podwire version\n  podwire version -o json");
  auto output = std::make_shared<OutputOption>();
  verb->add_option("-o,--output", output->format, "json or yaml")->check(CLI::IsMember({"json", "yaml"}));
  verb->callback([=] {
    const auto here = found();
    if (output->structured()) {
      print_value(boost::json::object{{"version", PODWIRE_VERSION},
                                      {"commit", PODWIRE_COMMIT},
                                      {"compiler", __VERSION__},
                                      {"found", here}},
                  *output);
      return;
    }
    print_line(fmt::format("podwire {} ({})", PODWIRE_VERSION, PODWIRE_COMMIT));
    for (const auto& [name, value] : here)
      print_line(fmt::format("  {:<12} {}", std::string_view(name), std::string_view(value.as_string())));
  });
}

}  // namespace podwire::cli
