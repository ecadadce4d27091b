#pragma once
#include <string>
#include <vector>

#include "lab/narrator.h"
#include "lab/report.h"

namespace podwire::lab {

struct DemoOptions {
  bool containers = true;
  bool encapsulation = true;
  bool services = true;  ///< needs kubectl
  std::string podwire;   ///< path of the program podwire, which the demo runs as a person would
  NarratorOptions narration;
};

struct DemoStep {
  std::string demo;  ///< "containers", "encapsulation" or "services"
  std::string id, title;
};

/// All steps in the order in which they are played.
[[nodiscard]] std::vector<DemoStep> demo_steps();

/// Plays the talk's demos in namespaces of their own and tells them. Of `narration.only`, the steps before
/// the last one are played too, for they make what it needs, but are not told. Nothing is left when it
/// returns, however it ends. SIGINT, SIGTERM and SIGHUP end it early and in order. Takes over signal handling
/// while it runs; one at a time.
Report run_demo(const DemoOptions& options);

}  // namespace podwire::lab
