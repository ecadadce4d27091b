#pragma once
#include <string>

#include "base/result.h"
#include "tests/bench/common/samples.h"
#include "tests/bench/server/load.h"

namespace podwire::bench {

/// How much of everything: the sizes that the bars name, or a tenth of them for a first look.
struct Scale {
  bool quick = false;
  [[nodiscard]] int of(int full) const { return quick ? full / 10 : full; }
};

/// Where it is measured, and with what.
struct Site {
  std::string program;  ///< podwire
  std::string disk;     ///< a directory that is gone afterwards
};

/// Starts with nothing there, and at rest.
struct Idle {
  Samples ready_ms, etcd_ready_ms;
  double mib = 0, etcd_mib = 0;
};
Result<Idle> measure_idle(const Site& site, const Scale& scale);

/// Durable creates of pods, beside etcd's puts of the same objects as they are stored, in turn.
struct Creates {
  Load one, etcd_one;    ///< by one client, one after the other
  Load many, etcd_many;  ///< by kClients at a time
  std::size_t stored_bytes = 0;
  static constexpr int kClients = 16;
};
Result<Creates> measure_creates(const Site& site, const Scale& scale);

/// 1,000 nodes with 10,000 pods, then as many Services.
struct Cluster {
  double mib = 0;                       ///< with nodes and running pods
  Samples list_ms, list_first_byte_ms;  ///< of all pods
  std::size_t list_bytes = 0;
  Samples get_ms;
  Load services;
  int distinct_ips = 0;
  double ready_20000_ms = 0;  ///< a start with 20,000 objects in the file
};
Result<Cluster> measure_cluster(const Site& site, const Scale& scale);

/// From a write to its watchers.
struct Watching {
  Samples write_to_event_ms;  ///< in memory only: from before the request is sent until the event is read
  Samples ack_to_event_ms;    ///< ... from when its writer has its answer; 0 where the event was first
  Samples fanout_ms;      ///< durable, from before the request is sent until the last of 5,000 has the event
  Samples fanout_cpu_ms;  ///< of that the server's thread was on a CPU
  double mib = 0;         ///< with 5,000 watchers
};
Result<Watching> measure_watching(const Site& site, const Scale& scale);

}  // namespace podwire::bench
