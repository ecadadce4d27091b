#pragma once
#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "cli/context.h"

namespace podwire::cli {

/// A verb below `parent`: name, what it does, and at least one example for the end of its help. --root and
/// --netns are understood behind it as well as before it.
CLI::App* add_verb(CLI::App& parent, Context& context, const std::string& name,
                   const std::string& description, const std::string& examples);

/// A group of verbs, as `network` and `container` are.
CLI::App* add_noun(CLI::App& parent, const std::string& name, const std::string& description);

/// An option that takes one value each time it is given: `-e A=1 -e B=2 image` does not swallow the image.
CLI::Option* add_repeated(CLI::App& verb, const std::string& names, std::vector<std::string>& values,
                          const std::string& description);

/// For a verb whose last arguments are a command with options of its own: everything from the first argument
/// that is no option of the verb. An unknown option before that, or fewer than `least` arguments, is a usage
/// error. A "--" before the command is taken away.
std::vector<std::string> command_of(const CLI::App& verb, std::size_t least, const std::string& usage);

/// What --help shows as the verb's usage, where CLI11 cannot know it.
void set_usage(CLI::App& verb, const std::string& usage);

/// argv as CLI11 has to see it for command_of.
[[nodiscard]] std::vector<std::string> prepare_arguments(int argc, char** argv);

}  // namespace podwire::cli
