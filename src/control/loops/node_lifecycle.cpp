#include "control/node_lifecycle.h"

#include "control/loops/keys.h"
#include "control/loops/parts.h"

namespace podwire::control {
namespace {

constexpr std::string_view kNodeLeases = "kube-node-lease";

class NodeLifecycle final : public Loop {
 public:
  explicit NodeLifecycle(Surroundings& around)
      : Loop(around, "node-controller", {"nodes", "pods", "leases.coordination.k8s.io"}) {
    caches().nodes.on_change(
        [this](const auto& before, const auto& after) { touch(key_of((after ? after : before)->meta)); });
    caches().leases.on_change([this](const auto& before, const auto& after) {
      const auto& meta = (after ? after : before)->meta;
      if (meta.namespace_ == kNodeLeases) touch(key_of("", meta.name));
    });
    caches().pods.on_change([this](const auto& before, const auto& after) {
      if (after && !after->spec.node_name.empty() && is_news(before.get(), *after))
        touch(key_of("", after->spec.node_name));
    });
  }

 private:
  /// A pod that came to the node, or whose state this controller might have to correct.
  static bool is_news(const kube::Pod* before, const kube::Pod& after) {
    return before == nullptr || before->spec.node_name != after.spec.node_name ||
           before->spec.tolerations != after.spec.tolerations ||
           kube::is_ready(*before) != kube::is_ready(after);
  }

  http::Task<Decision> decide(std::string key) override {
    const auto node = find(caches().nodes, key);
    if (!node) co_return Decision{};
    const auto lease = caches().leases.find(kNodeLeases, node->meta.name);
    Held<kube::Pod> pods;
    pods.add_all(caches().pods_by_node.at(node->meta.name));
    const NodeView view{.node = *node, .lease = lease.get(), .pods = pods.pointers(), .now = now()};
    co_return Decision{.actions = reconcile_node(view), .look_again = next_look(view)};
  }
};

}  // namespace

std::unique_ptr<Loop> node_lifecycle(Surroundings& around) { return std::make_unique<NodeLifecycle>(around); }

}  // namespace podwire::control
