#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_line.h"
#include "cli/lab.h"
#include "cli/output.h"

namespace podwire::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

/// Does something to a node; with `wait`, until it is Ready.
Result<> change(const Context& context, const std::string& lab_name, const std::string& verb,
                const std::string& node, bool wait) {
  auto lab = TRY(lab::LabConnection::open(lab_files(context, lab_name)));
  const auto done = TRY(lab.ask({{"do", verb}, {"node", node}}, lab::Deadline(kPatience)));
  return wait ? watch_nodes(lab, {text_of(done, "node")}, kPatience) : Result<>();
}

struct NodeVerb {
  const char *name, *verb, *what, *examples;
  bool wait;
};

constexpr std::array<NodeVerb, 4> kVerbs{
    NodeVerb{"rm-node", "remove", "Remove a node from a lab for good", "  podwire lab rm-node node2", false},
    NodeVerb{"stop", "stop", "Switch a node off, as by its power switch; its disk is kept",
             "  podwire lab stop node1", false},
    NodeVerb{"start", "start", "Switch a node on again, and wait until it is Ready",
             "  podwire lab start node1", true},
    NodeVerb{"restart", "restart", "Switch a node off and on again, and wait until it is Ready",
             "  podwire lab restart node1", true}};

void add_node_verb(CLI::App& noun, Context& context, const NodeVerb& which) {
  auto* verb = add_verb(noun, context, which.name, which.what, which.examples);
  const auto lab = add_lab_name(*verb);
  auto node = std::make_shared<std::string>();
  verb->add_option("node", *node, "Its name")->required();
  verb->callback([=, &context, &which] {
    context.run([&] { return change(context, *lab, which.verb, *node, which.wait); });
  });
}

}  // namespace

void add_lab_nodes(CLI::App& noun, Context& context) {
  auto* verb = add_verb(noun, context, "add-node", "Add a node to a lab, and wait until it is Ready",
                        "  podwire lab add-node\n  podwire lab add-node edge1");
  const auto lab = add_lab_name(*verb);
  auto node = std::make_shared<std::string>();
  verb->add_option("node", *node, "Its name (default node and the next number)");
  verb->callback([=, &context] { context.run([&] { return change(context, *lab, "add", *node, true); }); });
  for (const auto& which : kVerbs) add_node_verb(noun, context, which);
}

}  // namespace podwire::cli
