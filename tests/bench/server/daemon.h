#pragma once
#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace podwire::bench {

/// A program that runs beside the benchmark; what it says goes to a file. Killed with the object.
class Daemon {
 public:
  static Result<Daemon> start(std::vector<std::string> argv, const std::string& log);
  Daemon(Daemon&& other) noexcept : pid_(std::exchange(other.pid_, 0)), log_(std::move(other.log_)) {}
  Daemon& operator=(Daemon&&) = delete;
  ~Daemon() { end(); }

  /// SIGTERM, and waits for its end.
  void stop();
  [[nodiscard]] bool runs() const;
  /// Its resident set (VmRSS) now.
  [[nodiscard]] Result<double> mib() const;
  /// How long its first thread has been on a CPU.
  [[nodiscard]] Result<double> cpu_ms() const;
  /// The last line that it said, for when it does not answer.
  [[nodiscard]] std::string last_words() const;

 private:
  Daemon(pid_t pid, std::string log) : pid_(pid), log_(std::move(log)) {}
  void end();
  pid_t pid_;
  std::string log_;
};

}  // namespace podwire::bench
