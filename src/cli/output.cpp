#include "cli/output.h"

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cli/context.h"
#include "cli/yaml.h"
#include "oci/json_view.h"

namespace podwire::cli {
namespace {
/// A reader that has gone (`| head`) is no error of ours.
void print(const std::string& text) { [[maybe_unused]] const auto written = write_all(Fd(1), text); }
}  // namespace

void add_list_output(CLI::App& verb, OutputOption& option) {
  verb.add_option("-o,--output", option.format, "wide, json or yaml")
      ->check(CLI::IsMember({"wide", "json", "yaml"}));
  verb.add_flag("-q,--quiet", option.ids_only, "Print only the ids");
}

void add_inspect_output(CLI::App& verb, OutputOption& option) {
  option.format = "json";
  verb.add_option("-o,--output", option.format, "json (the default) or yaml")
      ->check(CLI::IsMember({"json", "yaml"}));
}

void print_value(const boost::json::value& value, const OutputOption& option) {
  print(option.format == "yaml" ? to_yaml(value) : oci::pretty_json(value) + "\n");
}

void print_table(const Table& table) { print(table.str(colour_on(1))); }
void print_line(const std::string& line) { print(line + "\n"); }

}  // namespace podwire::cli
