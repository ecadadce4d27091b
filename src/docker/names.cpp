#include <fmt/format.h>

#include <array>

#include "docker/container.h"

namespace podwire::docker {

std::string generated_name(std::uint64_t n) {
  static constexpr std::array kHow{"brave",   "bright", "calm",  "clever", "eager", "gentle",
                                   "happy",   "keen",   "kind",  "lively", "merry", "nimble",
                                   "patient", "proud",  "quiet", "quick",  "sharp", "steady",
                                   "sunny",   "swift",  "tidy",  "warm",   "wise",  "witty"};
  static constexpr std::array kWho{"badger", "beaver", "bee",    "crane", "dolphin", "falcon",
                                   "finch",  "fox",    "gecko",  "hare",  "heron",   "ibis",
                                   "lark",   "lynx",   "marten", "mole",  "newt",    "otter",
                                   "owl",    "panda",  "raven",  "robin", "seal",    "wren"};
  return fmt::format("{}-{}", kHow[n % kHow.size()], kWho[n / kHow.size() % kWho.size()]);
}

}  // namespace podwire::docker
