#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "apply/service_applier.h"
#include "cli/command_line.h"
#include "cli/iptables_view.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "kernel/host.h"
#include "plan/service_elements.h"
#include "plan/service_view.h"

namespace podwire::cli {
namespace {

using plan::SeenFrontend;
using plan::SeenPool;
using plan::SeenPort;

/// What the maps of the network namespace that we are in hold.
struct Seen {
  std::vector<SeenPort> ports;
  std::vector<Cidr> pods;
};

Result<Seen> look() {
  auto& host = kernel::real_host();
  const auto netns = TRY(host.current_netns());
  const auto nft = TRY(host.nft(netns));
  const auto there = TRY(apply::ServiceApplier(*nft).read());
  // The agent's table is there without these maps where the agent runs with --proxy=false.
  if (!there.contains("vips4"))
    return fail("find map", "vips4 of table inet podwire", 0,
                "no proxy of podwire's runs in this network namespace; in a lab: podwire lab exec NODE -- "
                "podwire proxy show");
  return Seen{.ports = plan::service_ports_in(there), .pods = plan::pods_in(there)};
}

/// "svc/web", "web", "shop/web" -> "shop/web". Empty: all.
std::string service_of(std::string name, const std::string& ns) {
  for (const std::string_view prefix : {"svc/", "service/", "services/"})
    if (name.starts_with(prefix)) {
      name.erase(0, prefix.size());
      break;
    }
  if (name.empty() || name.find('/') != std::string::npos) return name;
  return ns + "/" + name;
}

/// Whether a port ("shop/web:http") is one of the Service's.
bool is_of(const SeenPort& port, const std::string& service) {
  return service.empty() || port.name == service || port.name.starts_with(service + ":");
}

std::string shown(const plan::Target& t) {
  return t.address.is_v6() ? fmt::format("[{}]:{}", t.address.str(), t.port)
                           : fmt::format("{}:{}", t.address.str(), t.port);
}

std::string what_of_source(const SeenPool& pool) {
  if (pool.masquerades()) return "the client's address becomes this node's";
  if (pool.keeps_source()) return "the client keeps its address";
  return "pods keep their address, all others' becomes this node's";
}

std::string fate_of(const SeenFrontend& frontend) {
  if (frontend.pool) return fmt::format("pool {:#010x}", *frontend.pool);
  return frontend.otherwise == plan::NoEndpoints::drop
             ? "dropped: endpoints are wanted on this node, and there are none"
             : "refused: nobody could answer";
}

void print_pool(const SeenPool& pool) {
  print_line(fmt::format("  pool {:#010x}: {}", pool.number, what_of_source(pool)));
  if (pool.affinity_seconds > 0)
    print_line(fmt::format("    a client gets the same endpoint again within {} s (map affinity4)",
                           pool.affinity_seconds));
  if (pool.chain.empty())
    print_line("    nothing leads on from here: the tables are not whole");
  else
    print_line(fmt::format(
        "    chain {} picks one of {}{}", pool.chain, pool.slots.size(),
        pool.chain.starts_with("hash-")
            ? " by the client's address"
            : fmt::format(", each with probability {:.3f}",
                          1.0 / static_cast<double>(std::max<std::size_t>(1, pool.slots.size())))));
  for (const auto& [slot, target] : pool.slots)
    print_line(fmt::format("    slot {:<4} {}", slot, shown(target)));
}

void print_port(const SeenPort& port) {
  print_line("Service " + port.name);
  for (const auto& frontend : port.frontends)
    print_line(fmt::format("  {:<28} {}{}  (map {})", plan::describe(frontend.at),
                           frontend.at.inside ? "for pods and this node: " : "", fate_of(frontend),
                           plan::frontend_set(frontend.at, frontend.pool.has_value())));
  for (const auto& [number, pool] : port.pools) print_pool(pool);
}

boost::json::object json_of(const SeenPort& port) {
  boost::json::array frontends, pools;
  for (const auto& frontend : port.frontends) {
    boost::json::object one{{"at", plan::describe(frontend.at)}, {"inside", frontend.at.inside}};
    if (frontend.pool)
      one["pool"] = *frontend.pool;
    else
      one["otherwise"] = frontend.otherwise == plan::NoEndpoints::drop ? "drop" : "refuse";
    frontends.push_back(std::move(one));
  }
  for (const auto& [number, pool] : port.pools) {
    boost::json::array endpoints;
    for (const auto& [slot, target] : pool.slots) endpoints.emplace_back(shown(target));
    pools.push_back(boost::json::object{{"number", number},
                                        {"chain", pool.chain},
                                        {"source", pool.masquerades()    ? "masquerade"
                                                   : pool.keeps_source() ? "stays"
                                                                         : "pods stay"},
                                        {"affinitySeconds", pool.affinity_seconds},
                                        {"endpoints", std::move(endpoints)}});
  }
  return {{"name", port.name}, {"frontends", std::move(frontends)}, {"pools", std::move(pools)}};
}

struct Options {
  std::string service, ns = "default", as;
  bool ipv6 = false;
  OutputOption output;
};

Result<> show(const Options& o) {
  auto seen = TRY(look());
  const auto service = service_of(o.service, o.ns);
  std::erase_if(seen.ports, [&](const SeenPort& port) { return !is_of(port, service); });
  if (seen.ports.empty() && !service.empty())
    return fail("find Service", service, 0,
                "the maps of this node have nothing of it: it is headless, not there, or another proxy's");
  if (seen.ports.empty()) return fail("find a Service", "in the maps of this node", 0, "there is none yet");
  if (o.as == "iptables") {
    print_line(
        "# A view: what kube-proxy's iptables mode would have. The kernel holds nftables elements instead: "
        "podwire "
        "proxy show");
    print_line(iptables_view(seen.ports, seen.pods, o.ipv6 ? Family::v6 : Family::v4));
    return {};
  }
  if (o.output.structured()) {
    boost::json::array all;
    for (const auto& port : seen.ports) all.push_back(json_of(port));
    print_value(all, o.output);
    return {};
  }
  for (const auto& port : seen.ports) print_port(port);
  return {};
}

/// All endpoints of a port, each once.
std::vector<std::string> endpoints_of(const SeenPort& port) {
  std::vector<std::string> out;
  for (const auto& [number, pool] : port.pools)
    for (const auto& [slot, target] : pool.slots)
      if (std::ranges::find(out, shown(target)) == out.end()) out.push_back(shown(target));
  return out;
}

std::string listed(const std::vector<std::string>& all, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), most); ++i) out += (i == 0 ? "" : ",") + all[i];
  if (all.size() > most) out += fmt::format(" + {} more", all.size() - most);
  return out.empty() ? "<none>" : out;
}

Result<> list(bool endpoints, const OutputOption& output) {
  const auto seen = TRY(look());
  boost::json::array all;
  Table table(endpoints ? std::vector<std::string>{"SERVICE", "ENDPOINTS"}
                        : std::vector<std::string>{"SERVICE", "ADDRESSES", "ENDPOINTS"});
  for (const auto& port : seen.ports) {
    all.push_back(json_of(port));
    if (output.ids_only) print_line(port.name);
    std::vector<std::string> addresses;
    for (const auto& frontend : port.frontends)
      if (!frontend.at.inside) addresses.push_back(plan::describe(frontend.at));
    const auto to = endpoints_of(port);
    if (endpoints)
      table.add({port.name, listed(to, output.wide() ? to.size() : 3)});
    else
      table.add({port.name, listed(addresses, addresses.size()), std::to_string(to.size())});
  }
  if (output.structured()) print_value(all, output);
  if (!output.structured() && !output.ids_only) print_table(table);
  return {};
}

void add_listing(CLI::App& app, Context& context, const std::string& name, const std::string& what,
                 bool endpoints) {
  auto* verb = add_verb(app, context, name, what, "  podwire lab exec node0 -- podwire " + name);
  auto output = std::make_shared<OutputOption>();
  add_list_output(*verb, *output);
  verb->callback([=, &context] { context.run([&] { return list(endpoints, *output); }); });
}

}  // namespace

void add_proxy(CLI::App& app, Context& context) {
  auto* noun = add_noun(app, "proxy", "Look at how Services are made real on this node");
  auto* verb = add_verb(
      *noun, context, "show",
      "Tell a Service's way through the tables of this network namespace, from what the kernel holds",
      "  podwire lab exec node0 -- podwire proxy show svc/hello-kubernetes\n"
      "  podwire lab exec node0 -- podwire proxy show --as iptables\n"
      "  podwire proxy show kube-system/metrics -o json");
  auto options = std::make_shared<Options>();
  verb->add_option("service", options->service, "svc/NAME or NAMESPACE/NAME (default: all)");
  verb->add_option("-n,--namespace", options->ns, "The namespace of NAME")->capture_default_str();
  verb->add_option("--as", options->as, "iptables: the chains that kube-proxy would have, as a view")
      ->check(CLI::IsMember({"iptables"}));
  verb->add_flag("-6,--ipv6", options->ipv6, "With --as iptables: what ip6tables would have");
  verb->add_option("-o,--output", options->output.format, "json or yaml")
      ->check(CLI::IsMember({"json", "yaml"}));
  verb->callback([=, &context] { context.run([&] { return show(*options); }); });
  add_listing(app, context, "services", "List the Services that this node's kernel knows", false);
  add_listing(app, context, "endpoints",
              "List the endpoints behind each Service, as this node's kernel has them", true);
}

}  // namespace podwire::cli
