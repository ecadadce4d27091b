// bench_net: what is sent between pods, over podwire's path and over one made by hand of the same shape.
#include <fmt/core.h>
#include "tests/bench/net/paths.h"
#include "tests/bench/common/traffic.h"
using namespace podwire; using namespace podwire::bench;
int main() {
  for (auto shape : {Shape::same_node, Shape::plain_route, Shape::vxlan}) for (auto family : {Family::v4, Family::v6}) {
    auto path = HandMade::make(shape, family);
    if (!path) { fmt::print("{}\n", path.error().message()); return 1; }
    fmt::print("{} {}", int(shape), name_of(family));
    for (auto w : {Workload::stream, Workload::request, Workload::connect}) {
      auto r = measure({path->client(), path->server(), path->address()}, w, std::chrono::milliseconds(500));
      if (!r) { fmt::print("{}\n", r.error().message()); return 1; }
      fmt::print(" {:.1f}", *r);
    }
    fmt::print("\n");
  }
}
