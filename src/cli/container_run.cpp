#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>

#include "base/file.h"
#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "docker/create.h"
#include "docker/keep.h"
#include "docker/takedown.h"
#include "runtime/shim.h"

namespace podwire::cli {
namespace {

constexpr const char* kUsage = "IMAGE [COMMAND...]";

struct Options {
  docker::RunRequest request;
  std::string rootfs;
};

void add_options(CLI::App& verb, Options& o) {
  auto& r = o.request;
  verb.add_flag("-d,--detach", r.detached, "Run in the background and print the id");
  verb.add_flag("-i,--interactive", r.interactive, "Keep standard input open");
  verb.add_flag("-t,--tty", r.terminal, "Give it a terminal");
  verb.add_flag("--rm", r.remove_at_end, "Remove it when it ends");
  verb.add_option("--name", r.name, "Name; one is made up when there is none");
  verb.add_option("--network,--net", r.network, "Network, or none, or host (default docker0)");
  add_repeated(verb, "-p,--publish", r.publish,
               "Publish a port: [IP:][HOST-PORT:]PORT[/tcp|udp|sctp], also ranges");
  add_repeated(verb, "-e,--env", r.env, "Environment: NAME=VALUE, or NAME to pass ours on");
  add_repeated(verb, "-v,--volume", r.volumes, "Mount: SOURCE:DESTINATION[:ro]");
  add_repeated(verb, "-l,--label", r.labels, "Label: KEY=VALUE");
  verb.add_option("-w,--workdir", r.workdir, "Working directory");
  verb.add_option("-u,--user", r.user, "User: NAME or UID[:GROUP or GID]");
  verb.add_option("--entrypoint", r.entrypoint, "In place of the image's entrypoint");
  verb.add_option("--hostname", r.hostname, "Its host name; the short id when not given");
  add_repeated(verb, "--network-alias", r.aliases, "One more name on its network");
  add_repeated(verb, "--dns", r.dns, "Name server in place of the host's");
  verb.add_option("--ip", r.ip, "This address of the network");
  verb.add_option("--mac-address", r.mac, "This MAC address");
  add_repeated(verb, "--cap-add", r.capabilities, "One more capability, as NET_ADMIN");
  verb.add_flag("--privileged", r.privileged, "All capabilities, nothing masked");
  verb.add_option("--rootfs", o.rootfs,
                  "In place of an image: host (this machine's root, read-only below) or a directory");
}

Result<> check(const Options& o) {
  if (!o.request.detached && o.request.terminal && ::isatty(0) == 0)
    return fail("run", "with a terminal", ENOTTY, "standard input is none; leave out -t, or add -d");
  return {};
}

/// In podwire's own namespace a published port is out of reach for who does not go in: say how.
void hint_at_ports(const docker::Site& site, const docker::Container& container) {
  if (!site.is_own()) return;
  for (const auto& port : container.attachment.ports) {
    const std::string address =
        port.host_ip ? (port.host_ip->is_v6() ? "[" + port.host_ip->str() + "]" : port.host_ip->str())
                     : "127.0.0.1";
    print_hint(fmt::format(
        "{} is published in the network namespace \"{}\": podwire netns exec -- curl http://{}:{}/",
        docker::describe(port), site.id(), address, port.host_port));
  }
}

void start_error(Context& context, const oci::StartError& e) { context.fail_with(e.error, e.exit_code); }

void run_detached(Context& context, const docker::Site& site, const docker::Container& container) {
  const auto started = runtime::start_shim(context.own_command({"shim", container.id}));
  if (!started) {
    start_error(context, started.error());
    if (auto gone = docker::discard_container(site, container.id); !gone) print_error(gone.error());
    return;
  }
  print_line(container.id);
  hint_at_ports(site, container);
}

void run_attached_to_us(Context& context, const docker::Site& site, const docker::Container& container) {
  hint_at_ports(site, container);
  const auto ended = docker::keep_container(site, container.id, {});
  if (ended)
    context.status = *ended;
  else
    start_error(context, ended.error());
}

void run(Context& context, const Options& options) {
  constexpr int kEngineFailed = 125;
  if (auto good = check(options); !good) return context.fail_with(good.error(), kEngineFailed);
  const auto site = context.site();
  if (!site) return context.fail_with(site.error(), kEngineFailed);
  const auto container = docker::create_container(*site, options.request);
  if (!container) return context.fail_with(container.error(), kEngineFailed);
  if (options.request.detached)
    run_detached(context, *site, *container);
  else
    run_attached_to_us(context, *site, *container);
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
  auto* verb =
      add_verb(app, context, "run", "Run a command in a new container",
               "  podwire run --rm alpine ip addr\n"
               "  podwire run -d --name web -p 8080:80 busybox httpd -f -p 80\n"
               "  podwire run -it --network mynet alpine sh\n"
               "  podwire run --rm --rootfs host python3 --version\n"
               "Images come from podwire image import; alpine and busybox are this machine's own busybox.");
  set_usage(*verb, "podwire run [OPTIONS] " + std::string(kUsage));
  auto options = std::make_shared<Options>();
  add_options(*verb, *options);
  verb->prefix_command();
  verb->callback([verb, options, &context] {
    const bool with_image = options->rootfs.empty();
    auto words = command_of(*verb, 1, with_image ? kUsage : "COMMAND...");
    options->request.image = with_image ? words[0] : options->rootfs;
    options->request.command.assign(words.begin() + (with_image ? 1 : 0), words.end());
    run(context, *options);
  });
}

void add_shim(CLI::App& app, Context& context) {
  auto* verb = add_verb(app, context, "shim", "Keep a detached container (internal)", "  podwire shim ID");
  verb->group("");
  auto id = std::make_shared<std::string>();
  verb->add_option("id", *id)->required();
  verb->callback([id, &context] {
    const auto site = context.site();
    if (!site) {
      const auto report = runtime::encode_report(std::unexpected(oci::StartError{125, site.error()}));
      [[maybe_unused]] const auto said = write_all(Fd(runtime::kReportFd), report);
      return context.fail_with(site.error());
    }
    context.status =
        runtime::run_shim([&](const auto& started) { return docker::keep_container(*site, *id, started); },
                          UniqueFd(runtime::kReportFd));
  });
}

}  // namespace podwire::cli
