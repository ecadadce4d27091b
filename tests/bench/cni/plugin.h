#pragma once
#include <optional>
#include <string>

#include "base/result.h"

namespace podwire::bench {

/// One run of a CNI plugin.
struct Call {
  std::string command;    ///< ADD or DEL
  std::string container;  ///< its id; CNI_NETNS is where make_container put it
  std::string program;    ///< path of the plugin
  std::string config;     ///< on its standard input
};

struct Ran {
  double ms = 0;        ///< from before its start to after its end was waited for
  double peak_mib = 0;  ///< its largest resident set
  std::string out;
};

/// Runs a plugin as a runtime does, on a kernel that has had time to finish with the run before. An Error
/// when its exit status is not 0 (what it printed is the detail).
Result<Ran> run_plugin(const Call& call);

/// Waits until the kernel has freed what earlier calls deleted.
void settle();

}  // namespace podwire::bench
