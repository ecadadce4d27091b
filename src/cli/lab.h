#pragma once
#include <CLI/App.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "cli/context.h"
#include "lab/cluster/connection.h"
#include "lab/cluster/files.h"

namespace podwire::cli {

/// --name of the verbs of `lab`: which lab.
std::shared_ptr<std::string> add_lab_name(CLI::App& verb);

/// Where the directories of all labs are.
[[nodiscard]] std::string labs_directory(const Context& context);
[[nodiscard]] lab::LabFiles lab_files(const Context& context, const std::string& name);

/// One question to a lab's keeper that is answered soon.
Result<boost::json::object> ask_lab(const Context& context, const std::string& name,
                                    const boost::json::object& request);
Result<boost::json::object> lab_status(const Context& context, const std::string& name);
/// Waits until nodes are Ready, and shows how they get on. No nodes: all.
Result<> watch_nodes(lab::LabConnection& lab, const std::vector<std::string>& nodes,
                     std::chrono::seconds patience);

/// Text out of the keeper's answers; "" where there is none.
[[nodiscard]] std::string text_of(const boost::json::object& object, std::string_view key);
/// The node of that name in a status, "internet" among them. Errors: none, or it is off.
struct RunningNode {
  std::string name;
  int pid = 0;
};
Result<RunningNode> running_node(const boost::json::object& status, const std::string& name);

// The verbs below `lab`, a file a group.
void add_lab_up(CLI::App& noun, Context& context);
void add_lab_nodes(CLI::App& noun, Context& context);
void add_lab_inside(CLI::App& noun, Context& context);

}  // namespace podwire::cli
