#include "kubelet/volumes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <set>

#include "base/file.h"
#include "oci/tree.h"

namespace podwire::kubelet {
namespace {

bool is_made_of_files(const VolumeSpec& volume) {
  return volume.kind == "configMap" || volume.kind == "secret" || volume.kind == "downwardAPI" ||
         volume.kind == "projected";
}

Result<> set_mode(const std::string& path, unsigned mode) {
  if (::chmod(path.c_str(), mode) != 0) return fail("set the mode of", path, errno);
  return {};
}

Result<> link_to(const std::string& target, const std::string& path) {
  if (::symlink(target.c_str(), path.c_str()) != 0 && errno != EEXIST)
    return fail("create link", path, errno);
  return {};
}

/// As Kubernetes lays such volumes out: NAME -> ..data/NAME, ..data -> ..TIME, which is replaced by one
/// rename.
Result<> write_files(const std::string& directory, const std::vector<VolumeFile>& files) {
  TRY(make_directories(directory));
  const auto stamp = std::chrono::system_clock::now().time_since_epoch().count();
  const std::string name = fmt::format("..{}", stamp);
  const std::string fresh = directory + "/" + name;
  TRY(make_directories(fresh));
  std::set<std::string> tops;
  for (const auto& file : files) {
    const std::string path = fresh + "/" + file.path;
    TRY(make_directories(path.substr(0, path.rfind('/'))));
    TRY(write_file_atomic(path, file.content, file.mode, Durability::until_reboot));
    TRY(set_mode(path, file.mode));
    tops.insert(file.path.substr(0, file.path.find('/')));
  }
  const std::string next = directory + "/..data_tmp";
  TRY(remove_file(next));
  TRY(link_to(name, next));
  if (std::rename(next.c_str(), (directory + "/..data").c_str()) != 0) return fail("rename", next, errno);
  for (const auto& top : tops) TRY(link_to("..data/" + top, fmt::format("{}/{}", directory, top)));
  for (const auto& entry : TRY(list_directory(directory))) {
    const bool is_old = entry.starts_with("..") && entry != name && entry != "..data";
    if (is_old || (!entry.starts_with("..") && !tops.contains(entry)))
      TRY(oci::remove_tree(fmt::format("{}/{}", directory, entry)));
  }
  return {};
}

Result<> make_host_path(const json::object& spec) {
  const std::string path(kube::text_in(spec, "path"));
  const auto type = kube::text_in(spec, "type");
  if (type == "DirectoryOrCreate") return make_directories(path);
  if (type == "FileOrCreate") {
    TRY(open_file(path, O_RDONLY | O_CREAT));
    return {};
  }
  struct stat there{};
  if (::stat(path.c_str(), &there) != 0) {
    if (type.empty() && errno == ENOENT) return make_directories(path);  // as container runtimes do
    return std::unexpected(Error{.verb = fmt::format("hostPath type check failed: {} is not a {}", path,
                                                     type.empty() ? "path" : type)});
  }
  const bool fits =
      type.empty() || (type == "Directory" && S_ISDIR(there.st_mode)) ||
      (type == "File" && S_ISREG(there.st_mode)) || (type == "Socket" && S_ISSOCK(there.st_mode)) ||
      (type == "CharDevice" && S_ISCHR(there.st_mode)) || (type == "BlockDevice" && S_ISBLK(there.st_mode));
  if (!fits)
    return std::unexpected(
        Error{.verb = fmt::format("hostPath type check failed: {} is not a {}", path, type)});
  return {};
}

}  // namespace

std::string place_of(const Places& places, const std::string& uid, const VolumeSpec& volume) {
  if (volume.kind == "hostPath") return std::string(kube::text_in(volume.source, "path"));
  const bool in_memory = volume.kind == "secret" || volume.kind == "projected" ||
                         (volume.kind == "emptyDir" && kube::text_in(volume.source, "medium") == "Memory");
  return fmt::format("{}/volumes/{}", in_memory ? places.in_memory(uid) : places.pod(uid), volume.name);
}

Result<> make_volume(const Places& places, const Pod& pod, const VolumeSpec& volume, const Sources& sources) {
  const auto place = place_of(places, pod.meta.uid, volume);
  if (volume.kind == "hostPath") return make_host_path(volume.source);
  if (volume.kind == "emptyDir") {
    TRY(make_directories(place));
    return set_mode(place, 0777);
  }
  if (is_made_of_files(volume)) return write_files(place, TRY(files_of(pod, volume, sources)));
  return std::unexpected(Error{
      .verb = fmt::format("podwire has no volumes of the kind {}; it has emptyDir, hostPath, configMap, "
                          "secret, downwardAPI and projected",
                          volume.kind)});
}

Result<std::vector<oci::BindMount>> mounts_of(const Places& places, const Pod& pod,
                                              const ContainerSpec& spec) {
  std::vector<oci::BindMount> out;
  for (const auto* name : {"hosts", "resolv.conf", "hostname"})
    out.push_back(
        {.source = places.pod(pod.meta.uid) + "/etc/" + name, .destination = std::string("/etc/") + name});
  for (const auto& mount : spec.mounts) {
    const auto volume = std::ranges::find(pod.spec.volumes, mount.name, &VolumeSpec::name);
    if (volume == pod.spec.volumes.end())
      return fail("mount", mount.path, 0, fmt::format("the pod has no volume \"{}\"", mount.name));
    oci::BindMount bind{.source = place_of(places, pod.meta.uid, *volume),
                        .destination = mount.path,
                        .read_only = mount.read_only || is_made_of_files(*volume)};
    if (!mount.sub_path.empty()) {
      bind.source += "/" + TRY(oci::clean_path(mount.sub_path));
      if (!file_exists(bind.source)) TRY(make_directories(bind.source));
    }
    std::erase_if(out, [&](const auto& other) { return other.destination == bind.destination; });
    out.push_back(std::move(bind));
  }
  // What is mounted below another one has to come after it.
  std::ranges::sort(out, {}, [](const auto& m) { return m.destination; });
  return out;
}

}  // namespace podwire::kubelet
