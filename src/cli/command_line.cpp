#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace podwire::cli {
namespace {
/// Stands for the first "--": CLI11 would end the verb there, and it is an argument like any other to it this
/// way.
constexpr std::string_view kSeparator = "\x01--";

class WithUsage : public CLI::Formatter {
 public:
  explicit WithUsage(std::string usage) : usage_(std::move(usage)) {}
  std::string make_usage(const CLI::App*, std::string) const override { return "Usage: " + usage_ + "\n"; }

 private:
  std::string usage_;
};
}  // namespace

void set_usage(CLI::App& verb, const std::string& usage) {
  verb.formatter(std::make_shared<WithUsage>(usage));
}

CLI::App* add_noun(CLI::App& parent, const std::string& name, const std::string& description) {
  auto* noun = parent.add_subcommand(name, description);
  noun->require_subcommand(1);
  return noun;
}

CLI::App* add_verb(CLI::App& parent, Context& context, const std::string& name,
                   const std::string& description, const std::string& examples) {
  auto* verb = parent.add_subcommand(name, description);
  verb->footer("\nExamples:\n" + examples);
  verb->add_option("--netns", context.netns,
                   "Network namespace that containers hang on: podwire, host, a name or a path")
      ->group("Global");
  verb->add_option("--root", context.root, "Keep all state below this directory")->group("Global");
  return verb;
}

CLI::Option* add_repeated(CLI::App& verb, const std::string& names, std::vector<std::string>& values,
                          const std::string& description) {
  return verb.add_option(names, values, description)->allow_extra_args(false);
}

std::vector<std::string> prepare_arguments(int argc, char** argv) {
  std::vector<std::string> out(argv + 1, argv + argc);
  if (const auto separator = std::ranges::find(out, "--"); separator != out.end()) *separator = kSeparator;
  std::ranges::reverse(out);  // CLI11's parse(vector) takes them from the back
  return out;
}

std::vector<std::string> command_of(const CLI::App& verb, std::size_t least, const std::string& usage) {
  std::vector<std::string> rest = verb.remaining();
  if (!rest.empty() && rest[0].size() > 1 && rest[0][0] == '-')
    throw CLI::ExtrasError(verb.get_name(), {rest[0]});
  // A "--" of the command's own stands behind its first word.
  const auto first = std::ranges::find(rest, kSeparator);
  if (first != rest.end()) {
    if (static_cast<std::size_t>(first - rest.begin()) <= least - 1)
      rest.erase(first);
    else
      *first = "--";
  }
  if (rest.size() < least) throw CLI::RequiredError(usage);
  return rest;
}

}  // namespace podwire::cli
