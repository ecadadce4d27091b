#pragma once
#include "tests/bench/cni/networks.h"
#include "tests/bench/common/samples.h"

namespace podwire::bench {

struct Times {
  Samples add, del;
};

/// Ours and the peer's in turn, `runs` containers each: all are added before the first is deleted.
struct Comparison {
  Times peer_plain, our_plain, peer_ports, our_ports, our_list_ports;
  Samples kernel_del;  ///< RTM_DELLINK of a veth as our plain ADD makes it, from within this process
  Samples peak_mib;    ///< of podwire-cni
};
Result<Comparison> compare(const Site& site, int runs);

/// Our ADD and DEL with masquerade and a port, where one container is and where 200 are, in turn.
struct Growth {
  Times with_1, with_200;
};
Result<Growth> grow(const Site& site, int runs);

}  // namespace podwire::bench
