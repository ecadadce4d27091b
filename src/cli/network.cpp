#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "docker/container_store.h"
#include "docker/inspect.h"
#include "docker/networks.h"
#include "docker/takedown.h"

namespace podwire::cli {
namespace {

using docker::Network;
using Names = std::shared_ptr<std::vector<std::string>>;

Result<std::vector<docker::Container>> attached_to(const docker::Site& site, const Network& network) {
  auto containers = TRY(docker::ContainerStore(site.containers_dir()).list()).containers;
  std::erase_if(containers, [&](const docker::Container& c) {
    return c.attachment.network != network.name || !c.attachment.up;
  });
  return containers;
}

void add_create(CLI::App& app, Context& context) {
  auto* verb = add_verb(
      app, context, "create", "Make a network: a bridge with a block of addresses",
      "  podwire network create mynet\n"
      "  podwire network create --subnet 10.5.0.0/16 --gateway 10.5.0.1 --ip-range 10.5.7.0/24 mynet\n"
      "  podwire network create --subnet 10.6.0.0/24 --subnet fd06::/64 dual\n"
      "  podwire network create --internal --icc=false --mtu 1400 closed");
  auto request = std::make_shared<docker::NetworkRequest>();
  auto labels = std::make_shared<std::vector<std::string>>();
  verb->add_option("name", request->name, "Its name")->required();
  add_repeated(*verb, "--subnet", request->subnets,
               "Addresses; twice for IPv4 and IPv6. A free one when not given");
  add_repeated(*verb, "--gateway", request->gateways,
               "The bridge's own address; the subnet's first when not given");
  add_repeated(*verb, "--ip-range", request->ip_ranges, "Containers get addresses out of this part only");
  verb->add_flag("--ipv6", request->ipv6, "IPv6 too, with a subnet of its own choice when none is given");
  verb->add_flag("--internal", request->internal, "No way in or out");
  verb->add_flag("--icc,!--no-icc", request->icc, "May its containers talk to each other? (--icc=false: no)");
  verb->add_flag("--masquerade,!--no-masquerade", request->masquerade,
                 "Hide its containers behind the host's address");
  verb->add_option("--mtu", request->mtu, "MTU of its links");
  verb->add_option("--bridge", request->bridge, "Name of the bridge device");
  add_repeated(*verb, "--label", *labels, "Label: KEY=VALUE");
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      for (const auto& label : *labels)
        request->labels[label.substr(0, label.find('='))] =
            label.find('=') == std::string::npos ? "" : label.substr(label.find('=') + 1);
      const auto site = TRY(context.site());
      const auto held = TRY(site.lock());
      print_line(TRY(docker::Networks(site).create(*request)).id);
      return {};
    });
  });
}

void print_networks(const docker::Site& site, const std::vector<Network>& networks, const OutputOption& o) {
  std::vector<std::string> headers{"NETWORK ID", "NAME", "DRIVER", "BRIDGE", "SUBNETS"};
  if (o.wide()) headers.insert(headers.end(), {"GATEWAYS", "MTU", "INTERNAL", "ICC", "CONTAINERS"});
  Table table(headers);
  for (const auto& n : networks) {
    std::vector<std::string> subnets, gateways, names;
    for (const auto& subnet : n.subnets) {
      subnets.push_back(subnet.cidr.str());
      gateways.push_back(subnet.gateway.str());
    }
    std::vector<std::string> row{o.wide() ? n.id : n.id.substr(0, 12), n.name, "bridge", n.bridge,
                                 fmt::format("{}", fmt::join(subnets, ","))};
    if (o.wide()) {
      if (const auto attached = attached_to(site, n))
        for (const auto& c : *attached) names.push_back(c.name);
      row.insert(row.end(),
                 {fmt::format("{}", fmt::join(gateways, ",")), n.mtu == 0 ? "-" : std::to_string(n.mtu),
                  n.internal ? "yes" : "no", n.icc ? "yes" : "no", fmt::format("{}", fmt::join(names, ","))});
    }
    table.add(std::move(row));
  }
  print_table(table);
}

void add_list(CLI::App& app, Context& context) {
  auto* verb =
      add_verb(app, context, "ls", "List networks", "  podwire network ls\n  podwire network ls -o wide");
  auto output = std::make_shared<OutputOption>();
  add_list_output(*verb, *output);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto site = TRY(context.site());
      const auto held = TRY(site.lock());
      TRY(docker::settle(site));
      const auto networks = TRY(docker::Networks(site).list());
      boost::json::array all;
      for (const auto& n : networks) {
        if (output->ids_only) print_line(n.id.substr(0, 12));
        if (output->structured()) all.push_back(docker::inspect_network(n, TRY(attached_to(site, n))));
      }
      if (output->structured()) print_value(all, *output);
      if (!output->structured() && !output->ids_only) print_networks(site, networks, *output);
      return {};
    });
  });
}

void add_inspect(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "inspect", "Show all that is known of networks",
                        "  podwire network inspect docker0\n  podwire network inspect -o yaml mynet");
  Names names = std::make_shared<std::vector<std::string>>();
  auto output = std::make_shared<OutputOption>();
  verb->add_option("name", *names, "Names or ids")->required();
  add_inspect_output(*verb, *output);
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto site = TRY(context.site());
      const auto held = TRY(site.lock());
      TRY(docker::settle(site));
      boost::json::array all;
      for (const auto& name : *names) {
        const auto network = TRY(docker::Networks(site).find(name));
        all.push_back(docker::inspect_network(network, TRY(attached_to(site, network))));
      }
      print_value(all, *output);
      return {};
    });
  });
}

void add_remove(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "rm", "Remove networks that no container is attached to",
                        "  podwire network rm mynet");
  Names names = std::make_shared<std::vector<std::string>>();
  verb->add_option("name", *names, "Names or ids")->required();
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto site = TRY(context.site());
      const auto held = TRY(site.lock());
      TRY(docker::settle(site));
      const docker::Networks networks(site);
      for (const auto& name : *names) {
        const auto removed = [&]() -> Result<> {
          const auto network = TRY(networks.find(name));
          std::vector<std::string> attached;
          for (const auto& c : TRY(attached_to(site, network))) attached.push_back(c.name);
          return networks.remove(network, attached);
        }();
        if (removed)
          print_line(name);
        else
          context.fail_with(removed.error());
      }
      return {};
    });
  });
}

}  // namespace

void add_network(CLI::App& app, Context& context) {
  auto* noun = add_noun(app, "network", "Bridge networks on this machine, as Docker makes them");
  add_create(*noun, context);
  add_list(*noun, context);
  add_inspect(*noun, context);
  add_remove(*noun, context);
}

}  // namespace podwire::cli
