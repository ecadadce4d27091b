#pragma once
#include <vector>

#include "lab/cluster/settings.h"
#include "lab/machine.h"
#include "lab/web.h"
#include "lab/wire.h"

namespace podwire::lab {

/// What is between a lab's nodes, and beyond them: a wire for each segment, and the machine "internet", which
/// is the router between the segments and has a web server that tells each client the address that it sees.
/// All ends with it. Not thread-safe.
class Backbone {
 public:
  static Result<Backbone> build(const LabSettings& settings);

  /// Gives a machine its eth0 with the place's addresses, and its default routes by way of the router.
  Result<> plug(const Machine& machine, const NodePlace& place);
  Result<> unplug(const std::string& machine, const NodePlace& place);

  [[nodiscard]] const Machine& internet() const { return internet_; }

 private:
  Backbone(std::vector<Wire> wires, Machine internet, std::vector<Greeter> web)
      : wires_(std::move(wires)), internet_(std::move(internet)), web_(std::move(web)) {}
  std::vector<Wire> wires_;
  Machine internet_;
  std::vector<Greeter> web_;
};

}  // namespace podwire::lab
