#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/cluster/backbone.h"
#include "lab/cluster/files.h"
#include "lab/cluster/node.h"
#include "lab/cluster/node_watch.h"
#include "lab/cluster/settings.h"

namespace podwire::lab {

/// A whole cluster: the wire, its nodes, the API server on the first of them, and an agent on each. Built as
/// the talk builds its own: the server first, then its token is read, then every node joins with it. Ends
/// with this object, which must be destroyed by the thread that built it. On the io_context's one thread.
class Cluster {
 public:
  Cluster(boost::asio::io_context& io, LabSettings settings, LabFiles files, Programs programs);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// Machines are there when it returns; the rest comes by and by. What kept it from that is failure(), too.
  http::Task<Result<>> build();
  /// Ends everything that runs. Going on past errors.
  Result<> take_down();

  /// `name` empty: node and the lowest number that is free. Returns the name.
  Result<std::string> add(std::string name);
  /// Switches it off for good and deletes its Node.
  http::Task<Result<>> remove(std::string name);
  Result<> switch_on(const std::string& name);
  Result<> switch_off(const std::string& name);

  [[nodiscard]] std::vector<std::string> node_names() const;
  /// "off", "on" (no server yet), "joining", "registered" or "Ready"; "" for an unknown node.
  [[nodiscard]] std::string state(const std::string& name) const;
  [[nodiscard]] std::string trouble(const std::string& name) const;
  [[nodiscard]] bool hopeless() const;
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  /// All there is to tell, for people and programs.
  [[nodiscard]] boost::json::object status() const;

  std::function<void()> on_change;

 private:
  Result<> lay_wires();
  Result<LabNode*> find(const std::string& name);
  Result<> start_machine(LabNode& node);
  Result<> write_hosts();
  Result<> start_server();
  Result<> server_is_ready();
  Result<> start_agent(LabNode& node);
  void changed() const;
  [[nodiscard]] std::string url_of(const IpAddr& address, std::uint16_t port) const;

  boost::asio::io_context& io_;
  LabSettings settings_;
  LabFiles files_;
  Programs programs_;
  std::optional<Backbone> backbone_;
  std::vector<std::unique_ptr<LabNode>> nodes_;  ///< the first one has the server
  UniqueFd host_socket_;                         ///< the API's, in the host's network namespace
  std::vector<UniqueFd> node_sockets_;           ///< the same in the first node's
  std::uint16_t host_port_ = 0;
  std::string token_, kubeconfig_;  ///< the nodes' one; empty: the server has not been ready yet
  std::unique_ptr<NodeWatch> watch_;
  std::optional<Error> failure_;
};

}  // namespace podwire::lab
