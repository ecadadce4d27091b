#include "server/store/file_log.h"

#include <utility>

namespace podwire::server {
namespace {

constexpr int kLongLog = 1000;  // pages, 4 MiB

}  // namespace

FileLog::FileLog(ObjectFile file, Checkpointer checkpointer, std::function<void(LogOutcome)> report)
    : file_(std::move(file)),
      checkpointer_(std::move(checkpointer)),
      report_(std::move(report)),
      thread_([this] { run(); }) {}

FileLog::~FileLog() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void FileLog::append(LogEntry entry) {
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(entry));
  }
  wake_.notify_one();
}

void FileLog::run() {
  for (;;) {
    std::vector<LogEntry> entries;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (queue_.empty()) return;
      entries.swap(queue_);
    }
    write(std::move(entries));
    keep_short();
  }
}

void FileLog::write(std::vector<LogEntry> entries) {
  if (failed_epoch_) std::erase_if(entries, [&](const auto& entry) { return entry.epoch <= *failed_epoch_; });
  if (entries.empty()) return;
  LogOutcome outcome{.sequence = entries.back().sequence, .epoch = entries.back().epoch, .error = {}};
  if (auto written = file_.write(entries); !written) {
    failed_epoch_ = outcome.epoch;
    outcome.error = std::move(written).error();
  }
  report_(std::move(outcome));
}

void FileLog::keep_short() {
  if (file_.log_pages() < kLongLog) return;
  // What came in while it was copied in the background is little: the writer copies that itself, so that the
  // log starts anew. Otherwise it would grow for as long as writers never pause.
  if (checkpointer_.take_finished()) {
    if (auto all = file_.checkpoint(); all && *all) return;
  }
  checkpointer_.start();
}

}  // namespace podwire::server
