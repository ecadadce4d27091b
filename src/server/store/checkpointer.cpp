#include "server/store/checkpointer.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "server/store/sqlite.h"

namespace podwire::server {

class Checkpointer::Worker {
 public:
  explicit Worker(Database database) : database_(std::move(database)), thread_([this] { run(); }) {}

  ~Worker() {
    set(State::stop);
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start() {
    const std::scoped_lock lock(mutex_);
    if (state_ == State::copying) return;
    state_ = State::copying;
    wake_.notify_one();
  }

  bool take_finished() {
    const std::scoped_lock lock(mutex_);
    if (state_ != State::finished) return false;
    state_ = State::idle;
    return true;
  }

 private:
  enum class State : std::uint8_t { idle, copying, finished, stop };

  void set(State state) {
    const std::scoped_lock lock(mutex_);
    state_ = state;
    wake_.notify_one();
  }

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return state_ == State::copying || state_ == State::stop; });
      if (state_ == State::stop) return;
      lock.unlock();
      (void)database_.checkpoint();  // see start()
      lock.lock();
      if (state_ == State::copying) state_ = State::finished;
    }
  }

  Database database_;
  std::mutex mutex_;
  std::condition_variable wake_;
  State state_ = State::idle;  // guarded by mutex_
  std::thread thread_;
};

Checkpointer::Checkpointer(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
Checkpointer::~Checkpointer() = default;
Checkpointer::Checkpointer(Checkpointer&&) noexcept = default;
Checkpointer& Checkpointer::operator=(Checkpointer&&) noexcept = default;

Result<Checkpointer> Checkpointer::open(const std::string& path) {
  auto database = TRY(Database::open(path, Database::Mode::existing));
  TRY(database.execute("PRAGMA cache_size = -64;"));
  return Checkpointer(std::make_unique<Worker>(std::move(database)));
}

void Checkpointer::start() { worker_->start(); }
bool Checkpointer::take_finished() { return worker_->take_finished(); }

}  // namespace podwire::server
