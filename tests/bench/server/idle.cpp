#include <thread>

#include "tests/bench/server/figures.h"
#include "tests/bench/server/servers.h"

namespace podwire::bench {

Result<Idle> measure_idle(const Site& site, const Scale& scale) {
  Idle out;
  const int starts = scale.quick ? 2 : 7;
  for (int n = 0; n < starts; ++n) {
    const auto name = std::to_string(n);
    auto ours = TRY(Podwire::start(site.program, site.disk + "/idle" + name));
    out.ready_ms.add(ours.ready_ms());
    if (n + 1 == starts) {
      std::this_thread::sleep_for(std::chrono::seconds(2));
      out.mib = TRY(ours.process().mib());
    }
    ours.process().stop();
    auto peer = TRY(Etcd::start(site.disk + "/etcd-idle" + name));
    out.etcd_ready_ms.add(peer.ready_ms());
    if (n + 1 == starts) {
      std::this_thread::sleep_for(std::chrono::seconds(2));
      out.etcd_mib = TRY(peer.process().mib());
    }
  }
  return out;
}

}  // namespace podwire::bench
