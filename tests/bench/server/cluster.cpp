#include <set>
#include <thread>

#include "tests/bench/server/figures.h"
#include "tests/bench/server/objects.h"
#include "tests/bench/server/servers.h"

namespace podwire::bench {
namespace {

/// The first value of that key in a JSON text.
std::string value_of(const std::string& json, std::string_view key) {
  const auto quoted = '"' + std::string(key) + "\":\"";
  const auto at = json.find(quoted);
  if (at == std::string::npos) return {};
  const auto begin = at + quoted.size();
  return json.substr(begin, json.find('"', begin) - begin);
}

Result<> measure_reads(const Podwire& server, const Scale& scale, Cluster& out) {
  for (int n = 0; n < (scale.quick ? 3 : 10); ++n) {
    auto connection = TRY(server.connect());  // a list in pieces ends its connection
    const auto start = Clock::now();
    TRY(connection.send(get("/api/v1/pods")));
    TRY(connection.await());
    out.list_first_byte_ms.add(ms_since(start));
    const auto list = TRY(connection.receive());
    out.list_ms.add(ms_since(start));
    out.list_bytes = list.body.size();
  }
  auto connection = TRY(server.connect());
  for (int n = 0; n < scale.of(1000); ++n) {
    const auto start = Clock::now();
    TRY(connection.call(get(pod_path(n))));
    out.get_ms.add(ms_since(start));
  }
  return {};
}

}  // namespace

Result<Cluster> measure_cluster(const Site& site, const Scale& scale) {
  const int nodes = scale.of(1000), pods = scale.of(10'000), services = scale.of(10'000);
  const int first_services =
      (2 * pods - pods - nodes) / 2;  // each brings an IPAddress: 20,000 objects with them
  const auto directory = site.disk + "/cluster";
  Cluster out;
  std::set<std::string> ips;
  const auto create_service = [](int n) { return post(kServices, service(n)); };
  const auto take_ip = [&](int, const Answer& answer) { ips.insert(value_of(answer.body, "clusterIP")); };
  {
    auto server = TRY(Podwire::start(site.program, directory));
    auto clients = TRY(server.connect(Creates::kClients));
    TRY(clients[0].call(post("/api/v1/namespaces", kNamespace)));
    TRY(drive(clients, 0, nodes, [](int n) { return post("/api/v1/nodes", node(n)); }));
    TRY(drive(clients, 0, pods, [&](int n) { return post(kPods, pod(n, nodes)); }));
    TRY(drive(clients, 0, pods, [&](int n) { return put(pod_path(n) + "/status", running_pod(n, nodes)); }));
    std::this_thread::sleep_for(std::chrono::seconds(2));
    out.mib = TRY(server.process().mib());
    TRY(measure_reads(server, scale, out));
    out.services.add(TRY(drive(clients, 0, first_services, create_service, take_ip)));
    server.process().stop();
  }
  auto server = TRY(Podwire::start(site.program, directory));
  out.ready_20000_ms = server.ready_ms();
  auto clients = TRY(server.connect(Creates::kClients));
  out.services.add(TRY(drive(clients, first_services, services - first_services, create_service, take_ip)));
  out.distinct_ips = static_cast<int>(ips.size());
  return out;
}

}  // namespace podwire::bench
