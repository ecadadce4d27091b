#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/server/connection.h"
#include "tests/bench/server/daemon.h"

namespace podwire::bench {

/// podwire server, started as a user does, with its database in a directory.
class Podwire {
 public:
  /// Until it says that it is ready and answers /readyz. `flags` beside the directory.
  static Result<Podwire> start(const std::string& program, const std::string& directory,
                               std::vector<std::string> flags = {});

  /// From before it was started until it was ready.
  [[nodiscard]] double ready_ms() const { return ready_ms_; }
  [[nodiscard]] Daemon& process() { return process_; }
  Result<Connection> connect() const;
  Result<std::vector<Connection>> connect(int count) const;

 private:
  Podwire(Daemon process, TlsContext tls, double ready_ms)
      : process_(std::move(process)), tls_(std::move(tls)), ready_ms_(ready_ms) {}
  Daemon process_;
  TlsContext tls_;
  double ready_ms_;
};

/// etcd with one member, as Debian ships it; its values through its JSON gateway.
class Etcd {
 public:
  static Result<Etcd> start(const std::string& directory);

  [[nodiscard]] double ready_ms() const { return ready_ms_; }
  [[nodiscard]] Daemon& process() { return process_; }
  Result<std::vector<Connection>> connect(int count) const;

 private:
  Etcd(Daemon process, double ready_ms) : process_(std::move(process)), ready_ms_(ready_ms) {}
  Daemon process_;
  double ready_ms_;
};

/// A request, ready to be sent. With a body it is a POST unless it says otherwise.
[[nodiscard]] std::string get(std::string_view path);
[[nodiscard]] std::string post(std::string_view path, std::string_view body);
[[nodiscard]] std::string put(std::string_view path, std::string_view body);
/// etcd's durable put.
[[nodiscard]] std::string etcd_put(std::string_view key, std::string_view value);

}  // namespace podwire::bench
