#include "kubelet/pod_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <tuple>

#include "base/file.h"
#include "base/log.h"
#include "kubelet/container_start.h"
#include "kubelet/environment.h"
#include "kubelet/pod_status.h"
#include "kubelet/probe.h"
#include "kubelet/process_end.h"
#include "kubelet/volumes.h"
#include "oci/tree.h"

namespace podwire::kubelet {
namespace {

using namespace std::chrono_literals;
using State = ContainerSeen::State;

bool is_alive(const RunRecord& run) { return run.keeper.alive() || run.process.alive(); }

client::Clock::Time steady_of(Time at) {
  return client::Clock::real().now() +
         std::chrono::duration_cast<std::chrono::milliseconds>(at - wall_clock()) + 1ms;
}

/// 10 s, doubling to 5 minutes.
Time next_try(int failures) { return wall_clock() + std::min(10s * (1 << std::min(failures - 1, 5)), 300s); }

std::uint64_t revision_of(const Pod& pod) {
  return std::strtoull(pod.meta.resource_version.c_str(), nullptr, 10);
}

/// The files of /etc that every container of a pod sees.
Result<> write_etc(const Node& node, const Pod& pod, const SandboxRecord& sandbox) {
  const std::string directory = node.places.pod(pod.meta.uid) + "/etc";
  std::vector<std::string> addresses;
  addresses.reserve(sandbox.addresses.size());
  for (const auto& address : sandbox.addresses) addresses.push_back(address.str());
  const auto write = [&](const char* name, const std::string& text) {
    return write_file_atomic(directory + "/" + name, text, 0644, Durability::until_reboot);
  };
  TRY(make_directories(directory));
  TRY(write("hostname", host_name_of(pod, node.name) + "\n"));
  TRY(write("hosts", hosts_of(pod, addresses, node.dns, read_file("/etc/hosts").value_or(""))));
  return write("resolv.conf", resolv_conf_of(pod, node.dns, read_file("/etc/resolv.conf").value_or("")));
}

}  // namespace

Time wall_clock() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

ContainerSeen seen_of(const ContainerFiles& files, bool is_alive, Time now) {
  const auto& [record, run, directory] = files;
  ContainerSeen out{.name = record.name,
                    .id = record.id,
                    .image = record.image,
                    .image_id = record.image_id,
                    .init = record.init,
                    .attempt = record.attempt,
                    .back_off = record.back_off};
  if (run.started) out.started = *run.started;
  if (run.finished) {
    out.state = State::exited;
    out.finished = *run.finished;
    out.exit_code = run.exit_code;
    if (!run.error.empty()) {
      out.reason = "StartError";
      out.message = run.error;
    }
  } else if (is_alive) {
    out.state = run.started ? State::running : State::starting;
  } else {
    // Nobody saw its end: the machine was started anew, or its keeper was killed.
    constexpr int kUnknown = 255;
    out.state = State::exited;
    out.finished = now;
    out.exit_code = kUnknown;
    out.reason = "Unknown";
  }
  return out;
}

PodWorker::PodWorker(Node& node, std::shared_ptr<const Pod> pod)
    : node_(node), pod_(std::move(pod)), wakeup_(node.io), watches_(node.io) {}

void PodWorker::update(std::shared_ptr<const Pod> pod) {
  if (revision_of(*pod) < revision_of(*pod_)) return;
  pod_ = std::move(pod);
  wakeup_.set();
}

void PodWorker::gone() {
  in_api_ = false;
  if (!pod_->meta.deleted) {
    constexpr std::int64_t kGrace = 2;  // who deletes with force does not wait
    auto ending = std::make_shared<Pod>(*pod_);
    ending->meta.deleted = wall_clock();
    ending->deletion_grace = kGrace;
    pod_ = std::move(ending);
  }
  wakeup_.set();
}

Task<void> PodWorker::run() {
  while (!forgotten_) {
    if (stale_) co_await look();
    const bool acted = co_await round();
    if (forgotten_) break;
    co_await publish();
    if (acted || stale_) continue;
    const auto plan = plan_pod(*pod_, seen_, wall_clock());
    std::optional<client::Clock::Time> until;
    if (plan.look_again) until = steady_of(*plan.look_again);
    const bool starting =
        std::ranges::any_of(seen_.runs, [](const auto& r) { return r.state == State::starting; });
    if (starting || publish_again_) {
      const auto soon = client::Clock::real().now() + (starting ? 100ms : 1000ms);
      until = until ? std::min(*until, soon) : soon;
      stale_ = stale_ || starting;
    }
    co_await wakeup_.wait(until);
  }
  watches_.cancel();
  co_await watches_.join();
}

/// What is on disk, and who is alive.
Task<void> PodWorker::look() {
  stale_ = false;
  struct Found {
    std::optional<SandboxRecord> sandbox;
    bool whole = false;
    std::vector<ContainerFiles> files;
  };
  auto read = [&places = node_.places, uid = pod_->meta.uid, boot = node_.boot]() -> Result<Found> {
    Found out;
    out.sandbox = TRY(read_sandbox(places, uid));
    out.whole = out.sandbox && is_whole(*out.sandbox, boot);
    out.files = TRY(read_containers(places, uid));
    return out;
  };
  auto found = co_await node_.blocking.run(std::move(read));
  if (!found) {
    log::warn("records of a pod cannot be read",
              {{"pod", pod_->described()}, {"error", found.error().message()}});
    co_return;
  }
  sandbox_ = std::move(found->sandbox);
  files_ = std::move(found->files);
  seen_.has_sandbox = sandbox_.has_value();
  seen_.attached = found->whole;
  seen_.addresses.clear();
  if (seen_.attached)
    for (const auto& address : sandbox_->addresses) seen_.addresses.push_back(address.str());
  // A start that was cut off before its shim was there: as if it had not been tried.
  std::erase_if(files_, [&](const auto& f) {
    return !is_alive(f.run) && !f.run.finished && !f.run.started && f.record.boot_id == node_.boot;
  });
  std::vector<ContainerSeen> runs;
  for (const auto& f : files_) {
    auto run = seen_of(f, f.record.boot_id == node_.boot && is_alive(f.run), wall_clock());
    for (const auto& before : seen_.runs)  // an end that nobody saw keeps the time when we did
      if (before.id == run.id && before.state == State::exited) run = before;
    runs.push_back(std::move(run));
  }
  seen_.runs = std::move(runs);
  watch_processes();
  probe_what_runs();
}

/// A run that is seen for the first time begins with nothing passed that its probes have to find out.
void PodWorker::probe_what_runs() {
  for (const auto& run : seen_.runs) {
    const auto* spec = find_container(pod_->spec, run.name);
    if (run.state != State::running || spec == nullptr || !probed_.insert(run.id).second) continue;
    seen_.probes[run.name] = {.started = !spec->startup, .ready = !spec->readiness};
    for (const auto& [probe, what] : {std::pair(&spec->startup, "Startup"),
                                      {&spec->readiness, "Readiness"},
                                      {&spec->liveness, "Liveness"}}) {
      if (!*probe) continue;
      if (const auto why = refusal_of(**probe); !why.empty()) {
        tell(true, "Unhealthy", fmt::format("{} probe not done: {}", what, why));
        (std::string_view(what) == "Startup" ? seen_.probes[run.name].started
                                             : seen_.probes[run.name].ready) = true;
        continue;
      }
      watches_.spawn(keep_probing(pod_, *spec, **probe, what, run.id));
    }
  }
}

/// For as long as that run goes on. `spec` and `probe` are the pod's, which we hold.
Task<void> PodWorker::keep_probing(std::shared_ptr<const Pod> pod, const ContainerSpec& spec,
                                   const Probe& probe, std::string what, std::string id) {
  auto& clock = client::Clock::real();
  ProbeCount count(probe, what == "Liveness");
  co_await clock.sleep(std::chrono::seconds(probe.initial_delay));
  const auto goes_on = [&] {
    return std::ranges::any_of(seen_.runs,
                               [&](const auto& run) { return run.id == id && run.state == State::running; });
  };
  while (goes_on()) {
    if (what == "Startup" || seen_.probes[spec.name].started) {
      ProbeTarget target{.address = seen_.addresses.empty() ? "" : seen_.addresses.front(),
                         .container_id = id};
      target.port = port_of(probe, spec);
      auto asked = co_await ask(node_, probe, std::move(target));
      if (!goes_on()) break;
      if (!asked && !pod_->meta.deleted)
        tell(true, "Unhealthy", fmt::format("{} probe failed: {}", what, asked.error().message()));
      if (count.take(asked.has_value())) {
        auto& found = seen_.probes[spec.name];
        const auto before = std::tuple(found.started, found.ready, found.unhealthy);
        if (what == "Readiness") found.ready = count.passed();
        if (what == "Startup") found.started = count.passed();
        if (what != "Readiness") found.unhealthy = !count.passed();
        if (before != std::tuple(found.started, found.ready, found.unhealthy)) wakeup_.set();
        if (what == "Startup") break;
      }
    }
    co_await clock.sleep(std::chrono::seconds(std::max(probe.period, 1)));
  }
}

void PodWorker::watch_processes() {
  for (const auto& f : files_) {
    if (f.run.finished || f.record.boot_id != node_.boot) continue;
    const auto& process = f.run.keeper.alive() ? f.run.keeper : f.run.process;
    if (process.pid > 0 && process.alive() && watched_.insert(process.pid).second)
      watches_.spawn(watch(process));
  }
}

Task<void> PodWorker::watch(oci::ProcessIdentity process) {
  co_await process_end(process);
  watched_.erase(process.pid);
  stale_ = true;
  wakeup_.set();
}

/// True when something was done, so that the next round may have more to do.
Task<bool> PodWorker::round() {
  const auto plan = plan_pod(*pod_, seen_, wall_clock());
  for (const auto& action : plan.actions) {
    co_await perform(action);
    if (forgotten_) break;
  }
  co_return !plan.actions.empty();
}

Task<void> PodWorker::perform(const Action& action) {
  if (std::holds_alternative<MakeSandbox>(action))
    co_await make_sandbox();
  else if (std::holds_alternative<TearDown>(action))
    co_await tear_down();
  else if (const auto* wanted = std::get_if<StartContainer>(&action))
    co_await start(*wanted);
  else if (const auto* ending = std::get_if<EndContainer>(&action))
    end(*ending);
  else
    co_await forget();
}

Task<void> PodWorker::make_sandbox() {
  auto volumes = co_await make_volumes();
  if (!volumes) {
    const int failures = seen_.sandbox_trouble ? seen_.sandbox_trouble->failures + 1 : 1;
    seen_.sandbox_trouble =
        Waiting{"FailedMount", volumes.error().message(), failures,
                wall_clock() + std::min(500ms * (1 << std::min(failures - 1, 8)), 122000ms)};
    tell(true, "FailedMount", volumes.error().message());
    co_return;
  }
  auto make = [&node = node_, pod = pod_]() -> Result<SandboxRecord> {
    auto made = TRY(kubelet::make_sandbox(node.places, node.network, *pod));
    TRY(write_etc(node, *pod, made));
    return made;
  };
  auto made = co_await node_.blocking.run(std::move(make));
  stale_ = true;
  if (made) {
    seen_.sandbox_trouble.reset();
    co_return;
  }
  const int failures = seen_.sandbox_trouble ? seen_.sandbox_trouble->failures + 1 : 1;
  seen_.sandbox_trouble = Waiting{"FailedCreatePodSandBox", made.error().message(), failures,
                                  wall_clock() + std::min(1s * (1 << std::min(failures - 1, 4)), 15s)};
  tell(true, "FailedCreatePodSandBox", "Failed to create pod sandbox: " + made.error().message());
  // Nothing half-made stays while it waits.
  if (auto left = co_await node_.blocking.run(
          [&places = node_.places, uid = pod_->meta.uid] { return read_sandbox(places, uid); });
      left && *left) {
    sandbox_ = std::move(*left);
    co_await tear_down();
  }
}

Task<void> PodWorker::tear_down() {
  if (!sandbox_) co_return;
  auto remove = [&node = node_, record = *sandbox_] {
    return remove_sandbox(node.places, node.network, record);
  };
  auto removed = co_await node_.blocking.run(std::move(remove));
  stale_ = true;
  if (removed) co_return;
  tell(true, "FailedKillPod", "error killing pod: " + removed.error().message());
  auto& clock = client::Clock::real();
  co_await clock.sleep(1s);
}

/// What of these exists; what does not is found out where it is used. Error: the API server cannot be asked.
Task<Result<Sources>> PodWorker::fetch(std::set<SourceName> names, bool tokens) {
  Sources out{.objects = {}, .tokens = {}, .services = {}, .node_name = node_.name};
  out.node_addresses = node_.addresses;
  out.pod_addresses = seen_.addresses;
  for (const auto& [key, service] : node_.services.all()) out.services.push_back(service);
  const auto pod = pod_;
  for (const auto& name : names) {
    client::ObjectPath path{name.resource, pod->meta.namespace_, name.name, ""};
    auto got = co_await node_.api.get(std::move(path));
    if (got)
      out.objects.emplace(name, std::move(*got));
    else if (got.error().code != 404)
      co_return fail("read", name.resource + " " + name.name, 0, got.error().message);
  }
  if (!tokens) co_return out;
  for (const auto& wanted : tokens_of_volumes(pod->spec)) {
    client::ObjectPath path{"serviceaccounts", pod->meta.namespace_, pod->spec.service_account, "token"};
    json::object reference{
        {"apiVersion", "v1"}, {"kind", "Pod"}, {"name", pod->meta.name}, {"uid", pod->meta.uid}};
    json::object spec{{"expirationSeconds", wanted.seconds}, {"boundObjectRef", std::move(reference)}};
    if (!wanted.audience.empty()) spec["audiences"] = json::array{json::value(wanted.audience)};
    json::object request{
        {"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenRequest"}, {"spec", std::move(spec)}};
    auto given = co_await node_.api.create(std::move(path), std::move(request));
    if (!given) co_return fail("fetch", "a token of the ServiceAccount", 0, given.error().message);
    out.tokens[wanted.key()] = kube::text_in(*given, "status", "token");
  }
  co_return out;
}

Task<Result<>> PodWorker::make_volumes() {
  const auto pod = pod_;
  if (pod->spec.volumes.empty()) co_return Result<>{};
  auto names = sources_of_volumes(pod->spec);
  auto sources = co_await fetch(std::move(names), true);
  if (!sources) co_return std::unexpected(std::move(sources.error()));
  auto make = [&places = node_.places, &pod, &sources]() -> Result<> {
    for (const auto& volume : pod->spec.volumes)
      if (auto made = make_volume(places, *pod, volume, *sources); !made)
        return std::unexpected(Error{.verb = fmt::format("MountVolume.SetUp failed for volume \"{}\" : {}",
                                                         volume.name, made.error().message())});
    return {};
  };
  co_return co_await node_.blocking.run(std::move(make));
}

void PodWorker::wait_with(const std::string& container, std::string reason, std::string message) {
  auto& waits = seen_.waiting[container];
  const int failures = waits.failures + 1;
  waits = {std::move(reason), std::move(message), failures, next_try(failures)};
}

Task<void> PodWorker::start(const StartContainer& action) {
  const auto* spec = find_container(pod_->spec, action.name);
  if (spec == nullptr || !sandbox_) co_return;
  const auto pod = pod_;
  auto image =
      co_await node_.blocking.run([&node = node_, name = spec->image] { return node.images.find(name); });
  if (!image) {
    tell(true, "Failed",
         fmt::format("Failed to pull image \"{}\": {}", spec->image, image.error().message()));
    tell(true, "Failed", "Error: ErrImagePull");
    wait_with(action.name, "ErrImagePull", image.error().message());
    co_return;
  }
  if (image->stand_in.empty())
    tell(false, "Pulled", fmt::format("Container image \"{}\" already present on machine", spec->image));
  else
    tell(false, "Pulled",
         fmt::format("podwire's own {} stands in for container image \"{}\"", image->stand_in, spec->image));
  auto names = sources_of_environment(*spec);
  auto sources = co_await fetch(std::move(names), false);
  auto variables = sources ? environment_of(*pod, *spec, *sources) : std::unexpected(sources.error());
  auto mounts = variables ? mounts_of(node_.places, *pod, *spec) : std::unexpected(variables.error());
  if (!mounts) {
    tell(true, "Failed", "Error: " + mounts.error().message());
    wait_with(action.name, "CreateContainerConfigError", mounts.error().message());
    co_return;
  }
  StartRequest request{.pod = *pod,
                       .spec = *spec,
                       .action = action,
                       .sandbox = *sandbox_,
                       .image = std::move(*image),
                       .env = {},
                       .variables = std::move(*variables),
                       .mounts = std::move(*mounts),
                       .host_name = host_name_of(*pod, node_.name)};
  for (const auto& [name, value] : request.variables)
    request.env.push_back(fmt::format("{}={}", name, value));
  tell(false, "Created", "Created container: " + spec->name);
  auto started = co_await node_.blocking.run(
      [&places = node_.places, &request] { return start_container(places, request); });
  stale_ = true;
  if (started) {
    seen_.waiting.erase(action.name);
    tell(false, "Started", "Started container " + spec->name);
    co_return;
  }
  tell(true, "Failed", "Error: " + started.error().error.message());
  wait_with(action.name, "CreateContainerError", started.error().error.message());
}

void PodWorker::end(const EndContainer& action) {
  for (const auto& f : files_) {
    if (f.record.id != action.id) continue;
    if (!seen_.asked_to_end.contains(action.id)) {
      tell(false, "Killing",
           action.why.starts_with("Stopping") ? "Stopping container " + action.name : action.why);
      seen_.asked_to_end[action.id] = wall_clock();
    }
    if (auto sent = send_signal(f.run.process, action.now ? SIGKILL : SIGTERM); !sent)
      log::warn("a container cannot be ended",
                {{"container", action.name}, {"error", sent.error().message()}});
    // Without its keeper nobody writes down its end: it is seen as ended as soon as it is gone.
    stale_ = stale_ || action.now;
    // Asked again only when time has passed.
    if (action.now) seen_.asked_to_end[action.id] = wall_clock();
  }
}

Task<void> PodWorker::forget() {
  co_await publish();
  auto remove = [&places = node_.places, pod = pod_]() -> Result<> {
    ErrorList errors;
    errors.check(oci::remove_tree(places.in_memory(pod->meta.uid)));
    errors.check(oci::remove_tree(places.pod(pod->meta.uid)));
    errors.check(oci::remove_tree(places.pod_logs(*pod)));
    return errors.result();
  };
  auto removed = co_await node_.blocking.run(std::move(remove));
  if (!removed)
    log::warn("what a pod left cannot be removed",
              {{"pod", pod_->described()}, {"error", removed.error().message()}});
  auto& clock = client::Clock::real();
  while (in_api_) {
    client::ObjectPath path{"pods", pod_->meta.namespace_, pod_->meta.name, ""};
    client::DeleteOptions options;
    options.uid = pod_->meta.uid;
    options.grace_seconds = 0;
    auto deleted = co_await node_.api.remove(std::move(path), std::move(options));
    if (deleted || deleted.error().code == 404 || deleted.error().code == 409) break;
    co_await clock.sleep(1s);
  }
  forgotten_ = true;
}

Task<void> PodWorker::publish() {
  publish_again_ = false;
  if (!in_api_) co_return;
  auto status = status_of(*pod_, seen_, node_.addresses, wall_clock());
  if (status == told_) co_return;
  tell_of_waiting(status);
  client::ObjectPath path{"pods", pod_->meta.namespace_, pod_->meta.name, "status"};
  json::value merge(json::object{{"metadata", {{"uid", pod_->meta.uid}}}, {"status", status}});
  auto written = co_await node_.api.patch(std::move(path), std::move(merge));
  if (!written) {
    if (written.error().code == 404 || written.error().code == 409) co_return;
    log::info("status of a pod was not written",
              {{"pod", pod_->described()}, {"why", written.error().message}});
    publish_again_ = true;
    co_return;
  }
  told_ = std::move(status);
  json::value object(std::move(*written));
  if (auto pod = kube::typed_from<Pod>(object); pod && in_api_)
    update(std::make_shared<Pod>(std::move(*pod)));
}

/// Once for each run that waits for its next one.
void PodWorker::tell_of_waiting(const json::object& status) {
  const auto* all = kube::array_in(status, "containerStatuses");
  if (all == nullptr) return;
  for (const auto& one : *all) {
    const auto& container = one.as_object();
    if (kube::text_in(container, "state", "waiting", "reason") != "CrashLoopBackOff") continue;
    if (!told_waiting_.emplace(kube::text_in(container, "containerID")).second) continue;
    tell(true, "BackOff",
         fmt::format("Back-off restarting failed container {} in pod {}", kube::text_in(container, "name"),
                     pod_->described()));
  }
}

void PodWorker::tell(bool warning, std::string reason, std::string message) {
  if (!in_api_) return;
  auto record = control::record_about("v1", "Pod", pod_->meta);
  record.warning = warning;
  record.reason = std::move(reason);
  record.message = std::move(message);
  node_.recorder.tell("kubelet", std::move(record));
}

}  // namespace podwire::kubelet
