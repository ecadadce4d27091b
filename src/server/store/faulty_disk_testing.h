#pragma once
#include <sqlite3.h>

#include <atomic>
#include <cstddef>

/// A disk that fails on demand, under every SQLite database that is opened while it is there.
namespace podwire::server::testing {

class FaultyDisk {
 public:
  FaultyDisk() {
    sqlite3_initialize();
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "faulty";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FaultyDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// After `good` more writes and syncs, writes fail with `write_code` and syncs with `sync_code`; those with
  /// SQLITE_OK go on to work.
  void fail_after(int good, int write_code, int sync_code) {
    write_code_ = write_code;
    sync_code_ = sync_code;
    good_ = good;
    failed_ = false;
  }
  void heal() { good_ = kForever; }
  [[nodiscard]] bool has_failed() const { return failed_; }

 private:
  static constexpr int kForever = -1;

  /// The file of the real disk lies behind it, as SQLite's file systems do it.
  struct File {
    sqlite3_file base;
    FaultyDisk* disk;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static File* self(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* real(sqlite3_file* file) { return self(file)->real(); }
  static const sqlite3_io_methods* on(sqlite3_file* file) { return real(file)->pMethods; }

  bool fails(int code) {
    if (code == SQLITE_OK) return false;
    int good = good_;
    while (good > 0 && !good_.compare_exchange_weak(good, good - 1)) continue;
    if (good == 0) failed_ = true;
    return good == 0;
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto* disk = static_cast<FaultyDisk*>(vfs->pAppData);
    self(file)->disk = disk;
    const int code = disk->real_->xOpen(disk->real_, name, real(file), flags, out_flags);
    file->pMethods = on(file) != nullptr ? &kMethods : nullptr;
    return code;
  }
  static int write(sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
    auto* disk = self(f)->disk;
    return disk->fails(disk->write_code_) ? disk->write_code_.load() : on(f)->xWrite(real(f), data, size, at);
  }
  static int sync(sqlite3_file* f, int flags) {
    auto* disk = self(f)->disk;
    return disk->fails(disk->sync_code_) ? disk->sync_code_.load() : on(f)->xSync(real(f), flags);
  }

  static constexpr sqlite3_io_methods kMethods = {
      .iVersion = 2,  // no memory mapping
      .xClose = [](sqlite3_file* f) { return on(f)->xClose(real(f)); },
      .xRead = [](sqlite3_file* f, void* data, int size,
                  sqlite3_int64 at) { return on(f)->xRead(real(f), data, size, at); },
      .xWrite = write,
      .xTruncate = [](sqlite3_file* f, sqlite3_int64 size) { return on(f)->xTruncate(real(f), size); },
      .xSync = sync,
      .xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return on(f)->xFileSize(real(f), size); },
      .xLock = [](sqlite3_file* f, int lock) { return on(f)->xLock(real(f), lock); },
      .xUnlock = [](sqlite3_file* f, int lock) { return on(f)->xUnlock(real(f), lock); },
      .xCheckReservedLock = [](sqlite3_file* f, int* out) { return on(f)->xCheckReservedLock(real(f), out); },
      .xFileControl = [](sqlite3_file* f, int op,
                         void* arg) { return on(f)->xFileControl(real(f), op, arg); },
      .xSectorSize = [](sqlite3_file* f) { return on(f)->xSectorSize(real(f)); },
      .xDeviceCharacteristics = [](sqlite3_file* f) { return on(f)->xDeviceCharacteristics(real(f)); },
      .xShmMap = [](sqlite3_file* f, int page, int size, int extend,
                    void volatile** out) { return on(f)->xShmMap(real(f), page, size, extend, out); },
      .xShmLock = [](sqlite3_file* f, int offset, int n,
                     int flags) { return on(f)->xShmLock(real(f), offset, n, flags); },
      .xShmBarrier = [](sqlite3_file* f) { on(f)->xShmBarrier(real(f)); },
      .xShmUnmap = [](sqlite3_file* f, int remove) { return on(f)->xShmUnmap(real(f), remove); },
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };

  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  std::atomic<int> good_ = kForever, write_code_ = 0, sync_code_ = 0;
  std::atomic<bool> failed_ = false;
};

}  // namespace podwire::server::testing
