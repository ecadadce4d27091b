#include "kubelet/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>

#include "base/file.h"
#include "base/log.h"

namespace podwire::oci {

void read(const kube::Place& place, ProcessIdentity& into) {
  std::int64_t pid = 0, start = 0;
  place.field("pid", pid);
  place.field("start", start);
  into = {static_cast<pid_t>(pid), static_cast<std::uint64_t>(start)};
}

}  // namespace podwire::oci

namespace podwire::kubelet {
namespace {

json::object to_json(const oci::ProcessIdentity& p) {
  return {{"pid", static_cast<std::int64_t>(p.pid)}, {"start", static_cast<std::int64_t>(p.start)}};
}

std::string text_of(const json::object& object) { return json::serialize(object) + "\n"; }

}  // namespace

void read(const Place& place, SandboxRecord& into) {
  place.field("id", into.id);
  place.field("podUID", into.pod_uid);
  place.field("podName", into.pod_name);
  place.field("podNamespace", into.pod_namespace);
  place.field("bootID", into.boot_id);
  place.field("netns", into.netns);
  place.field("runtimeConfig", into.runtime_config);
  place.field("attached", into.attached);
  place.field("addresses", into.addresses);
}

void read(const Place& place, ContainerRecord& into) {
  place.field("id", into.id);
  place.field("name", into.name);
  place.field("init", into.init);
  place.field("attempt", into.attempt);
  place.field("backOff", into.back_off);
  place.field("image", into.image);
  place.field("imageID", into.image_id);
  place.field("bootID", into.boot_id);
  place.field("log", into.log);
  place.field("lower", into.lower);
  place.field("inMemory", into.in_memory);
  place.field("terminal", into.terminal);
  place.field("input", into.input);
  place.field("created", into.created);
}

void read(const Place& place, RunRecord& into) {
  place.field("keeper", into.keeper);
  place.field("process", into.process);
  place.field("started", into.started);
  place.field("finished", into.finished);
  place.field("exitCode", into.exit_code);
  place.field("error", into.error);
}

std::string encode(const SandboxRecord& r) {
  json::array addresses;
  for (const auto& address : r.addresses) addresses.push_back(json::value(address.str()));
  return text_of({{"id", r.id},
                  {"podUID", r.pod_uid},
                  {"podName", r.pod_name},
                  {"podNamespace", r.pod_namespace},
                  {"bootID", r.boot_id},
                  {"netns", r.netns},
                  {"runtimeConfig", r.runtime_config},
                  {"attached", r.attached},
                  {"addresses", std::move(addresses)}});
}

std::string encode(const ContainerRecord& r) {
  return text_of({{"id", r.id},
                  {"name", r.name},
                  {"init", r.init},
                  {"attempt", r.attempt},
                  {"backOff", r.back_off},
                  {"image", r.image},
                  {"imageID", r.image_id},
                  {"bootID", r.boot_id},
                  {"log", r.log},
                  {"lower", r.lower},
                  {"inMemory", r.in_memory},
                  {"terminal", r.terminal},
                  {"input", r.input},
                  {"created", kube::micro_time_text(r.created)}});
}

std::string encode(const RunRecord& r) {
  json::object out{{"keeper", to_json(r.keeper)}, {"process", to_json(r.process)}};
  if (r.started) out["started"] = kube::micro_time_text(*r.started);
  if (r.finished) out["finished"] = kube::micro_time_text(*r.finished);
  out["exitCode"] = r.exit_code;
  out["error"] = r.error;
  return text_of(out);
}

template <class T>
Result<T> decode(std::string_view text) {
  boost::system::error_code bad;
  const auto value = json::parse(text, bad);
  if (bad) return fail("read", "record", 0, bad.message());
  return kube::typed_from<T>(value);
}
template Result<SandboxRecord> decode(std::string_view);
template Result<ContainerRecord> decode(std::string_view);
template Result<RunRecord> decode(std::string_view);

std::string Places::pod_logs(const Pod& pod) const {
  return fmt::format("{}/{}_{}_{}", logs, pod.meta.namespace_, pod.meta.name, pod.meta.uid);
}

Result<std::optional<SandboxRecord>> read_sandbox(const Places& places, const std::string& uid) {
  const std::string path = places.pod(uid) + "/pod.json";
  const auto text = read_file(path);
  if (!text && text.error().sys_errno == ENOENT) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  auto record = decode<SandboxRecord>(*text);
  if (!record) return std::unexpected(std::move(record.error()).in(path));
  return std::move(*record);
}

Result<std::vector<ContainerFiles>> read_containers(const Places& places, const std::string& uid) {
  std::vector<ContainerFiles> out;
  for (const auto& name : TRY(list_directory(places.containers(uid)))) {
    ContainerFiles files{.record = {}, .run = {}, .directory = places.containers(uid) + "/" + name};
    const auto text = read_file(files.directory + "/container.json");
    auto record = text ? decode<ContainerRecord>(*text) : std::unexpected(text.error());
    if (!record) {
      log::warn("record of a container cannot be read",
                {{"container", files.directory}, {"error", record.error().message()}});
      continue;
    }
    files.record = std::move(*record);
    if (const auto run = read_file(files.directory + "/run.json"))
      if (auto decoded = decode<RunRecord>(*run)) files.run = std::move(*decoded);
    out.push_back(std::move(files));
  }
  std::ranges::sort(out, {}, [](const auto& f) { return std::pair(f.record.name, f.record.attempt); });
  return out;
}

}  // namespace podwire::kubelet
