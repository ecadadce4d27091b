#pragma once
#include <string>

#include "kubelet/node.h"

namespace podwire::kubelet {

/// What a probe's answers in a row mean. Pure.
class ProbeCount {
 public:
  ProbeCount(const Probe& probe, bool passed) : probe_(probe), passed_(passed) {}
  /// True when it has passed or failed for good by this answer.
  bool take(bool ok);
  [[nodiscard]] bool passed() const { return passed_; }

 private:
  const Probe& probe_;
  bool passed_;
  int same_ = 0;
  bool last_ = false;
};

/// Where a probe goes.
struct ProbeTarget {
  std::string address;       ///< the pod's
  std::string container_id;  ///< as runc knows it
  std::uint16_t port = 0;
};

/// The port that a probe names, by the container's ports; 0: there is none of that name.
[[nodiscard]] std::uint16_t port_of(const Probe& probe, const ContainerSpec& spec);

/// Asks once, within the probe's timeout. Error: the sentence that follows "Readiness probe failed: ".
Task<Result<>> ask(Node& node, const Probe& probe, ProbeTarget target);

/// What podwire cannot probe; empty: it can.
[[nodiscard]] std::string refusal_of(const Probe& probe);

}  // namespace podwire::kubelet
