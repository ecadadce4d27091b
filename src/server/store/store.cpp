#include "server/store/store.h"

#include <utility>

#include "server/store/core.h"
#include "server/store/file_log.h"

namespace podwire::server {
namespace {

/// The log of a store in memory: nothing is more durable than it is.
class NoLog : public Log {
 public:
  explicit NoLog(std::function<void(LogOutcome)> report) : report_(std::move(report)) {}
  void append(LogEntry entry) override {
    report_({.sequence = entry.sequence, .epoch = entry.epoch, .error = {}});
  }

 private:
  std::function<void(LogOutcome)> report_;
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, Post post) {
  const auto path = options.path;
  auto core = std::make_shared<Core>(std::move(options), std::move(post));
  if (path.empty()) {
    core->attach(std::make_unique<NoLog>(core->reporter()));
    return std::unique_ptr<Store>(new Store(std::move(core)));
  }
  auto file = TRY(ObjectFile::open(path, core->revision()));
  auto checkpointer = TRY(Checkpointer::open(path));
  core->start(file.revision());
  TRY(file.load([&](ObjectPtr object) { return core->load(std::move(object)); }));
  core->attach(std::make_unique<FileLog>(std::move(file), std::move(checkpointer), core->reporter()));
  return std::unique_ptr<Store>(new Store(std::move(core)));
}

Store::Store(std::shared_ptr<Core> core) : core_(std::move(core)) {}
Store::~Store() { core_->stop(); }

ObjectPtr Store::get(const Key& key) const { return core_->get(key); }
Read<Page> Store::list(const ListQuery& query) const { return core_->list(query); }
Read<std::unique_ptr<Watch>> Store::watch(Interest interest, std::uint64_t after,
                                          std::function<void()> wake) {
  return core_->watch(std::move(interest), after, std::move(wake));
}
void Store::commit(std::vector<Write> writes, Committed done) {
  core_->commit(std::move(writes), std::move(done));
}
std::uint64_t Store::revision() const { return core_->revision(); }
std::size_t Store::in_flight() const { return core_->in_flight(); }
void Store::forget(std::uint64_t up_to) { core_->forget(up_to); }
std::vector<ResourceStats> Store::stats() const { return core_->stats(); }

}  // namespace podwire::server
