#include "kubelet/pod_shim.h"

#include <chrono>

#include "base/file.h"
#include "base/log.h"
#include "kubelet/record.h"
#include "oci/rootfs.h"
#include "oci/supervise.h"

namespace podwire::kubelet {
namespace {

Time now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

class Keeper {
 public:
  Keeper(std::string directory, std::string runc)
      : directory_(std::move(directory)), runc_(std::move(runc)) {}

  oci::StartResult<int> keep(const std::function<void()>& started) {
    const auto engine = [](const Error& error) { return std::unexpected(oci::StartError{125, error}); };
    run_.keeper = oci::ProcessIdentity::self();
    auto record = read_record();
    if (!record) return engine(record.error());
    if (auto written = write(); !written) return engine(written.error());
    oci::Supervision job{.id = record->id,
                         .bundle = directory_ + "/bundle",
                         .log = record->log,
                         .terminal = record->terminal,
                         .detached = true,
                         .interactive = record->input,
                         .started = {}};
    job.started = [&](pid_t pid) {
      run_.process = oci::ProcessIdentity::of(pid);
      run_.started = now();
      say(write());
      started();
    };
    oci::StartResult<int> ended = 0;
    if (auto mounted = mount(*record); !mounted)
      ended = engine(mounted.error());
    else
      ended = oci::supervise(oci::Runc(runc_), job);
    finish(ended);
    return ended;
  }

 private:
  Result<ContainerRecord> read_record() const {
    return decode<ContainerRecord>(TRY(read_file(directory_ + "/container.json")));
  }

  Result<> write() const {
    return write_file_atomic(directory_ + "/run.json", encode(run_), 0600, Durability::until_reboot);
  }

  [[nodiscard]] oci::OverlayPlaces places() const {
    return {.upper = directory_ + "/upper",
            .work = directory_ + "/work",
            .memory = directory_ + "/memory",
            .target = directory_ + "/rootfs"};
  }

  Result<> mount(const ContainerRecord& record) const {
    TRY(oci::enter_private_mounts());
    oci::RootFs rootfs{.image_id = record.image_id, .config = {}, .lower = record.lower};
    rootfs.upper_in_memory = record.in_memory;
    return oci::mount_rootfs(rootfs, places());
  }

  /// The mounts are in a namespace of our own, and go with us.
  void finish(const oci::StartResult<int>& ended) {
    run_.finished = now();
    if (ended) {
      run_.exit_code = *ended;
    } else {
      constexpr int kNotStarted = 128;  // as containerd has it
      run_.exit_code = kNotStarted;
      run_.error = ended.error().error.message();
    }
    say(write());
  }

  static void say(const Result<>& result) {
    if (!result) log::warn("record of a container cannot be written", {{"error", result.error().message()}});
  }

  std::string directory_, runc_;
  RunRecord run_;
};

}  // namespace

oci::StartResult<int> keep_container(const std::string& directory, const std::string& runc,
                                     const std::function<void()>& started) {
  return Keeper(directory, runc).keep(started);
}

}  // namespace podwire::kubelet
