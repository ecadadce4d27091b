#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "docker/container_store.h"
#include "docker/inspect.h"
#include "docker/takedown.h"

namespace podwire::cli {
namespace {

std::string shortened(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : text.substr(0, most - 1) + "…";
}

std::string addresses_of(const docker::Container& c) {
  std::vector<std::string> out;
  out.reserve(c.attachment.addresses.size());
  for (const auto& cidr : c.attachment.addresses) out.push_back(cidr.addr().str());
  return fmt::format("{}", fmt::join(out, ","));
}

void print_containers(const docker::Site& site, const std::vector<docker::Container>& containers,
                      const OutputOption& o) {
  const docker::ContainerStore store(site.containers_dir());
  if (o.structured()) {
    boost::json::array all;
    for (const auto& c : containers)
      all.push_back(
          docker::inspect_container(c, docker::pid_of(site, c), site.container_netns(c.id), store.log(c.id)));
    return print_value(all, o);
  }
  std::vector<std::string> headers{"CONTAINER ID", "IMAGE",   "COMMAND", "CREATED",
                                   "STATUS",       "ADDRESS", "PORTS",   "NAME"};
  if (o.wide()) headers.insert(headers.end(), {"NETWORK", "MAC", "HOST LINK", "PID"});
  Table table(headers);
  const auto now = std::chrono::system_clock::now();
  for (const auto& c : containers) {
    std::vector<std::string> row{o.wide() ? c.id : c.short_id(),
                                 c.image,
                                 shortened(fmt::format("{}", fmt::join(c.args, " ")), o.wide() ? 200 : 30),
                                 docker::ago(c.created, now),
                                 docker::status_text(c, now),
                                 addresses_of(c),
                                 docker::ports_text(c),
                                 c.name};
    if (o.wide())
      row.insert(row.end(),
                 {c.attachment.network, c.attachment.mac, c.attachment.host_link,
                  c.phase == docker::Phase::running ? std::to_string(docker::pid_of(site, c)) : ""});
    table.add(std::move(row));
  }
  print_table(table);
}

}  // namespace

void add_list_containers(CLI::App& app, Context& context, const std::string& name) {
  auto* verb =
      add_verb(app, context, name, "List containers",
               fmt::format("  podwire container ls -a\n  podwire container ls -o wide\n  podwire ps -q\n"
                           "  podwire container ls -o json | jq -r '.[].Name'"));
  auto output = std::make_shared<OutputOption>();
  auto all = std::make_shared<bool>(false);
  add_list_output(*verb, *output);
  verb->add_flag("-a,--all", *all, "Also those that have ended");
  verb->callback([=, &context] {
    context.run([&]() -> Result<> {
      const auto site = TRY(context.site());
      const auto held = TRY(site.lock());
      TRY(docker::settle(site));
      auto listing = TRY(docker::ContainerStore(site.containers_dir()).list());
      for (const auto& id : listing.broken)
        print_hint(fmt::format(
            "the record of container {} cannot be read; podwire container rm -f {} clears it away", id, id));
      if (!*all)
        std::erase_if(listing.containers,
                      [](const docker::Container& c) { return c.phase != docker::Phase::running; });
      if (output->ids_only)
        for (const auto& c : listing.containers) print_line(c.short_id());
      else
        print_containers(site, listing.containers, *output);
      return {};
    });
  });
}

}  // namespace podwire::cli
