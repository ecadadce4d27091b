#include "lab/docker_host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>

#include "kernel/host.h"
#include "lab/interruption.h"

namespace podwire::lab {
namespace {
namespace json = boost::json;

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_./:=,@%+").find(c) != std::string_view::npos;
}

}  // namespace

std::string shell_word(std::string_view argument) {
  if (!argument.empty() && std::ranges::all_of(argument, plain)) return std::string(argument);
  std::string out = "'";
  for (const char c : argument) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

Result<std::string> sandbox_path(std::string_view inspect_json) {
  boost::system::error_code error;
  const auto document = json::parse(inspect_json, error);
  if (error) return fail("read", "podwire container inspect", 0, error.message());
  const auto* const path = document.find_pointer("/0/NetworkSettings/SandboxKey", error);
  if (path == nullptr || !path->is_string() || path->as_string().empty())
    return fail("read", "podwire container inspect", ENOENT, "no NetworkSettings.SandboxKey in it");
  return std::string(path->as_string());
}

Result<Output> DockerHost::podwire(const std::vector<std::string>& args) const {
  TRY(Interruption::check());
  Command command{.argv = {podwire_}, .env = {}, .input = {}};
  command.argv.insert(command.argv.end(), args.begin(), args.end());
  for (char** variable = environ; *variable != nullptr; ++variable) command.env.emplace_back(*variable);
  // In this machine podwire works on the machine's own network and keeps its files in the machine's memory.
  std::erase_if(command.env, [](const std::string& v) {
    return v.starts_with("PODWIRE_NETNS=") || v.starts_with("PODWIRE_ROOT=");
  });
  command.env.emplace_back("PODWIRE_NETNS=host");
  command.env.push_back("PODWIRE_ROOT=" + Machine::state_directory());
  return run(machine_.inside(std::move(command)));
}

std::string DockerHost::typed(const std::vector<std::string>& args) {
  std::string line = "podwire";
  for (const auto& arg : args) line += " " + shell_word(arg);
  return line;
}

Result<Container> DockerHost::look_at(const std::string& container) const {
  const auto inspect = TRY(podwire({"container", "inspect", container}));
  if (inspect.status != 0) return fail("inspect container", container, 0, inspect.err);
  const auto path = TRY(sandbox_path(inspect.out));
  auto netns = TRY(kernel::NetNs::open(machine_.outside_path(path)));
  const auto inside = TRY(kernel::real_host().rtnl(netns));
  auto eth0 = TRY(inside->link("eth0"));
  const auto addresses = TRY(inside->addresses(Family::v4, eth0.index));
  if (addresses.empty()) return fail("find the address of eth0 in container", container, EADDRNOTAVAIL);
  const auto outside = TRY(kernel::real_host().rtnl(this->netns()));
  auto veth = TRY(outside->link(eth0.peer_index));
  return Container{.name = container,
                   .netns = std::move(netns),
                   .eth0 = std::move(eth0),
                   .veth = std::move(veth),
                   .address = addresses.front().cidr};
}

}  // namespace podwire::lab
