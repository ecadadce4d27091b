#include "tests/bench/server/figures.h"
#include "tests/bench/server/objects.h"
#include "tests/bench/server/servers.h"

namespace podwire::bench {

Result<Creates> measure_creates(const Site& site, const Scale& scale) {
  constexpr int kNodes = 100, kRounds = 5;
  const int alone = scale.of(500), together = scale.of(2000);
  Creates out;
  const auto ours = TRY(Podwire::start(site.program, site.disk + "/creates"));
  const auto peer = TRY(Etcd::start(site.disk + "/etcd-creates"));
  auto one = TRY(ours.connect(1)), many = TRY(ours.connect(Creates::kClients));
  auto etcd_one = TRY(peer.connect(1)), etcd_many = TRY(peer.connect(Creates::kClients));
  TRY(one[0].call(post("/api/v1/namespaces", kNamespace)));

  std::string stored;
  const auto create = [](int n) { return post(kPods, pod(n, kNodes)); };
  const auto keep = [&](int, const Answer& answer) { stored = answer.body; };
  const auto put = [&](int n) { return etcd_put("/registry" + pod_path(n), stored); };
  int next = 0;
  TRY(drive(many, next, 100, create, keep));  // both get warm
  TRY(drive(etcd_many, next, 100, put));
  next += 100;
  for (int round = 0; round < kRounds; ++round) {
    out.one.add(TRY(drive(one, next, alone, create, keep)));
    out.etcd_one.add(TRY(drive(etcd_one, next, alone, put)));
    next += alone;
    out.many.add(TRY(drive(many, next, together, create, keep)));
    out.etcd_many.add(TRY(drive(etcd_many, next, together, put)));
    next += together;
  }
  out.stored_bytes = stored.size();
  return out;
}

}  // namespace podwire::bench
