#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/cluster/backbone.h"
#include "lab/cluster/files.h"
#include "lab/cluster/notify_socket.h"
#include "lab/cluster/service.h"
#include "lab/machine.h"

namespace podwire::lab {

/// The programs that a lab is made of.
struct Programs {
  std::string podwire, podwire_cni;
};

/// One node of a lab: a machine that can be switched off and on, and the programs that are kept running on
/// it. Its disk is kept while it is off. Not thread-safe.
class LabNode {
 public:
  LabNode(std::string name, NodePlace place, std::string disk, Programs programs)
      : name_(std::move(name)),
        place_(std::move(place)),
        disk_(std::move(disk)),
        programs_(std::move(programs)) {}

  /// A machine on the wire, with podwire-cni in /opt/cni/bin. Nothing runs on it yet.
  Result<> switch_on(Backbone& backbone);
  /// Kills all that runs on it, and pulls the plug.
  Result<> switch_off(Backbone& backbone);
  /// Begins to kill; switch_off() has to follow.
  void kill();

  /// Keeps `podwire ARGS...` running while the machine is on; its output goes to /var/log/podwire/NAME.log
  /// there. `sockets` are handed over as a service manager does; they live as long as the node. `ready` is
  /// called each time that the program says that it is (READY=1).
  Result<> keep(boost::asio::io_context& io, const std::string& name, std::vector<std::string> args,
                std::vector<std::string> env, const std::vector<Fd>& sockets, std::function<void()> ready);

  /// Replaces a file below /etc, /opt, /var or /run of the machine, which is on.
  Result<> write(const std::string& path, const std::string& text, mode_t mode) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const NodePlace& place() const { return place_; }
  [[nodiscard]] const Machine* machine() const { return machine_ ? &*machine_ : nullptr; }
  [[nodiscard]] const std::string& disk() const { return disk_; }
  [[nodiscard]] bool keeps(const std::string& service) const;
  /// It has said so since it was started last.
  [[nodiscard]] bool ready(const std::string& service) const;
  /// What ended last though it should not have, "" when nothing did since the machine was switched on.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  /// A program refused its command line: to start it again is of no use.
  [[nodiscard]] bool hopeless() const { return hopeless_; }
  std::function<void()> on_change;  ///< something that is to be seen from outside has changed

 private:
  struct Kept {
    std::string name;
    std::shared_ptr<Service> service;
    std::shared_ptr<NotifySocket> notify;
  };
  void note_trouble(const std::string& service, std::string sentence, int status);

  std::string name_;
  NodePlace place_;
  std::string disk_;
  Programs programs_;
  std::optional<Machine> machine_;
  std::vector<Kept> kept_;
  std::string trouble_;
  bool hopeless_ = false;
};

/// Of a program's log: its last error, else the last line that says anything. Pure.
[[nodiscard]] std::string last_line(std::string_view text);

}  // namespace podwire::lab
