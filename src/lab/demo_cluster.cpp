#include "lab/demo_cluster.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <cerrno>
#include <utility>

#include "base/log.h"
#include "kube/json.h"
#include "lab/docker_host.h"
#include "lab/text.h"

namespace podwire::lab {
namespace {

namespace json = boost::json;

std::string typed(std::string_view program, const std::vector<std::string>& args) {
  std::string out(program);
  for (const auto& arg : args) out += " " + shell_word(arg);
  return out;
}

Result<json::object> object_of(const std::string& text, std::string_view what) {
  boost::system::error_code error;
  auto parsed = json::parse(text, error);
  if (error || !parsed.is_object())
    return fail("read the output of", std::string(what), 0, "it is no JSON object");
  return std::move(parsed.get_object());
}

Result<std::string> successful(Result<Output> output, std::string_view line) {
  if (!output) return std::unexpected(std::move(output.error()));
  if (output->status == 0) return std::move(output->out);
  const auto said = lines_of(output->err);
  return fail("run", std::string(line), 0,
              fmt::format("exit status {}{}", output->status, said.empty() ? "" : "; " + said.back()));
}

}  // namespace

Result<DemoCluster> DemoCluster::up(Narrator& tell, const std::string& podwire, int nodes) {
  auto kubectl = find_program("kubectl");
  if (kubectl.empty())
    return fail("find program", "kubectl", ENOENT,
                "this demo is told by kubectl: put it into PATH, or run ./dev demo, which brings one");
  DemoCluster cluster(tell, podwire, std::move(kubectl), fmt::format("demo-{}", ::getpid()));
  cluster.is_up_ = true;  // also half of it has to go
  const auto args =
      cluster.lab({"up", "--nodes", std::to_string(nodes), "--as-long-as", std::to_string(::getpid())});
  auto output = TRY(podwire::run({.argv = args, .env = {}, .input = {}}));
  tell.command("here", typed("podwire", {args.begin() + 1, args.end()}), output.out + output.err);
  TRY(successful(std::move(output), "podwire lab up"));
  cluster.kubeconfig_ = TRY(successful(
      podwire::run({.argv = cluster.lab({"kubeconfig"}), .env = {}, .input = {}}), "podwire lab kubeconfig"));
  if (const auto lines = lines_of(cluster.kubeconfig_); !lines.empty()) cluster.kubeconfig_ = lines[0];
  return cluster;
}

DemoCluster::DemoCluster(DemoCluster&& other) noexcept
    : tell_(other.tell_),
      podwire_(std::move(other.podwire_)),
      kubectl_(std::move(other.kubectl_)),
      name_(std::move(other.name_)),
      kubeconfig_(std::move(other.kubeconfig_)),
      is_up_(std::exchange(other.is_up_, false)) {}

DemoCluster::~DemoCluster() {
  if (auto gone = down(); !gone) log::warn(gone.error().message());
}

std::vector<std::string> DemoCluster::lab(std::vector<std::string> args) const {
  std::vector<std::string> out{podwire_, "lab"};
  out.insert(out.end(), args.begin(), args.end());
  out.insert(out.begin() + 3, {"--name", name_});
  return out;
}

Result<> DemoCluster::down() {
  if (!std::exchange(is_up_, false)) return {};
  TRY(successful(podwire::run({.argv = lab({"down"}), .env = {}, .input = {}}), "podwire lab down"));
  return {};
}

Result<Output> DemoCluster::run_kubectl(std::vector<std::string> args, std::string input) const {
  args.insert(args.begin(), {kubectl_, "--kubeconfig", kubeconfig_});
  return podwire::run({.argv = std::move(args), .env = {}, .input = std::move(input)});
}

Result<Output> DemoCluster::kubectl(const std::vector<std::string>& args, std::string input) {
  auto output = TRY(run_kubectl(args, std::move(input)));
  tell_->command("here", typed("kubectl", args), output.out + output.err);
  return output;
}

Result<std::string> DemoCluster::must_kubectl(const std::vector<std::string>& args, std::string input) {
  return successful(kubectl(args, std::move(input)), typed("kubectl", args));
}

Result<std::string> DemoCluster::kubectl_quietly(const std::vector<std::string>& args) const {
  return successful(run_kubectl(args), typed("kubectl", args));
}

Result<json::object> DemoCluster::get(std::vector<std::string> args) const {
  args.insert(args.begin(), "get");
  args.insert(args.end(), {"-o", "json"});
  return object_of(TRY(kubectl_quietly(args)), typed("kubectl", args));
}

Result<Output> DemoCluster::on_quietly(const std::string& node, const std::vector<std::string>& argv) const {
  auto args = lab({"exec", node, "--"});
  args.insert(args.end(), argv.begin(), argv.end());
  return podwire::run({.argv = std::move(args), .env = {}, .input = {}});
}

Result<Output> DemoCluster::on(const std::string& node, const std::vector<std::string>& argv) {
  auto output = TRY(on_quietly(node, argv));
  tell_->command(node, typed(argv[0], {argv.begin() + 1, argv.end()}), output.out + output.err);
  return output;
}

Result<kernel::NetNs> DemoCluster::netns(const std::string& node) const {
  const auto text = TRY(successful(
      podwire::run({.argv = lab({"status", "-o", "json"}), .env = {}, .input = {}}), "podwire lab status"));
  const auto status = TRY(object_of(text, "podwire lab status"));
  if (const auto* nodes = kube::array_in(status, "nodes"))
    for (const auto& item : *nodes) {
      const auto* entry = item.if_object();
      if (entry == nullptr || kube::text_in(*entry, "name") != node) continue;
      if (const auto* pid = entry->if_contains("pid"); pid != nullptr && pid->is_number())
        return kernel::NetNs::of_process(pid->to_number<pid_t>());
    }
  return fail("find node", node, ENOENT, "podwire lab status does not name it");
}

}  // namespace podwire::lab
