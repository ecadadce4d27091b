#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "server/store/checkpointer.h"
#include "server/store/log.h"
#include "server/store/object_file.h"

namespace podwire::server {

/// Commits become durable in a file, on a thread of their own: whatever has queued up while the last
/// transaction was written goes into the next one. A transaction that fails takes with it everything queued
/// behind it that was committed in ignorance of the failure.
class FileLog : public Log {
 public:
  FileLog(ObjectFile file, Checkpointer checkpointer, std::function<void(LogOutcome)> report);
  /// Writes what is queued, then ends.
  ~FileLog() override;
  FileLog(const FileLog&) = delete;
  FileLog& operator=(const FileLog&) = delete;

  void append(LogEntry entry) override;

 private:
  void run();
  void write(std::vector<LogEntry> entries);
  void keep_short();

  ObjectFile file_;
  Checkpointer checkpointer_;
  std::function<void(LogOutcome)> report_;
  std::optional<std::uint64_t> failed_epoch_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<LogEntry> queue_;  // guarded by mutex_
  bool stop_ = false;            // guarded by mutex_
  std::thread thread_;
};

}  // namespace podwire::server
