#include "kube/table/cells.h"

// The Tables of what runs pods: Deployment, ReplicaSet, DaemonSet.
namespace podwire::kube {
namespace {

void add_template_cells(json::array& cells, const json::object& object) {
  const auto* containers = array_in(object, "spec", "template", "spec", "containers");
  cells.emplace_back(of_containers(containers, "name"));
  cells.emplace_back(of_containers(containers, "image"));
  cells.emplace_back(selector_text(object_in(object, "spec", "selector")));
}

void add_template_columns(std::vector<Column>& columns) {
  columns.push_back({"Containers", "string", "", "The names of the containers of its pods.", 1});
  columns.push_back({"Images", "string", "", "What the containers of its pods run.", 1});
  columns.push_back({"Selector", "string", "", "The labels by which it knows its pods.", 1});
}

Layout with_template(std::vector<Column> columns,
                     json::array (*cells)(const json::object&, std::chrono::sys_seconds)) {
  add_template_columns(columns);
  return {std::move(columns), cells};
}

json::array deployment_cells(const json::object& deployment, std::chrono::sys_seconds now) {
  json::array out{name_of(deployment),
                  std::to_string(number_in(deployment, "status", "readyReplicas")) + "/" +
                      std::to_string(number_in(deployment, "spec", "replicas")),
                  number_in(deployment, "status", "updatedReplicas"),
                  number_in(deployment, "status", "availableReplicas"), age_of(deployment, now)};
  add_template_cells(out, deployment);
  return out;
}

json::array replica_set_cells(const json::object& set, std::chrono::sys_seconds now) {
  json::array out{name_of(set), number_in(set, "spec", "replicas"), number_in(set, "status", "replicas"),
                  number_in(set, "status", "readyReplicas"), age_of(set, now)};
  add_template_cells(out, set);
  return out;
}

json::array daemon_set_cells(const json::object& set, std::chrono::sys_seconds now) {
  json::array out{name_of(set),
                  number_in(set, "status", "desiredNumberScheduled"),
                  number_in(set, "status", "currentNumberScheduled"),
                  number_in(set, "status", "numberReady"),
                  number_in(set, "status", "updatedNumberScheduled"),
                  number_in(set, "status", "numberAvailable"),
                  labels_text(object_in(set, "spec", "template", "spec", "nodeSelector")),
                  age_of(set, now)};
  add_template_cells(out, set);
  return out;
}

}  // namespace

const Layout& deployment_layout() {
  static const Layout layout =
      with_template({name_column(),
                     {"Ready", "string", "", "How many of its pods are ready, of how many wanted."},
                     {"Up-to-date", "string", "", "How many of its pods follow the newest template."},
                     {"Available", "string", "", "How many of its pods have been ready for long enough."},
                     age_column()},
                    deployment_cells);
  return layout;
}

const Layout& replica_set_layout() {
  static const Layout layout = with_template({name_column(),
                                              {"Desired", "integer", "", "How many pods are wanted."},
                                              {"Current", "integer", "", "How many pods there are."},
                                              {"Ready", "integer", "", "How many pods are ready."},
                                              age_column()},
                                             replica_set_cells);
  return layout;
}

const Layout& daemon_set_layout() {
  static const Layout layout =
      with_template({name_column(),
                     {"Desired", "integer", "", "How many nodes should run its pod."},
                     {"Current", "integer", "", "How many of those nodes run it."},
                     {"Ready", "integer", "", "How many of its pods are ready."},
                     {"Up-to-date", "integer", "", "How many of its pods follow the newest template."},
                     {"Available", "integer", "", "How many of its pods have been ready for long enough."},
                     {"Node Selector", "string", "", "The labels of the nodes it is for."},
                     age_column()},
                    daemon_set_cells);
  return layout;
}

}  // namespace podwire::kube
