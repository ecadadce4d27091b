#pragma once
#include <CLI/App.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "cli/table.h"

namespace podwire::cli {

/// -o of verbs that list or inspect.
struct OutputOption {
  std::string format;  ///< "", "wide", "json", "yaml"
  bool ids_only = false;
  [[nodiscard]] bool wide() const { return format == "wide"; }
  [[nodiscard]] bool structured() const { return format == "json" || format == "yaml"; }
};

void add_list_output(CLI::App& verb, OutputOption& option);     ///< -o wide|json|yaml, -q
void add_inspect_output(CLI::App& verb, OutputOption& option);  ///< -o json|yaml, json when not given

/// To stdout.
void print_value(const boost::json::value& value, const OutputOption& option);
void print_table(const Table& table);
void print_line(const std::string& line);

}  // namespace podwire::cli
