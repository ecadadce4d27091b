#include "docker/logs.h"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "docker/container_store.h"
#include "docker/takedown.h"
#include "oci/container_log.h"

namespace podwire::docker {
namespace {

/// Turns records back into what was written. Bytes come in pieces; a record is printed when its line is
/// whole.
class Printer {
 public:
  explicit Printer(bool timestamps) : timestamps_(timestamps) {}

  Result<> feed(std::string_view bytes) {
    pending_ += bytes;
    std::string_view rest = pending_;
    for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1))
      if (const auto record = oci::decode_log_record(rest.substr(0, end))) TRY(print(*record));
    pending_.erase(0, pending_.size() - rest.size());
    return {};
  }

 private:
  Result<> print(const oci::LogRecord& record) {
    std::string text;
    bool& goes_on = goes_on_[record.is_stderr ? 1 : 0];
    if (timestamps_ && !goes_on) text = record.time + " ";
    text += record.text;
    if (!record.partial) text += '\n';
    goes_on = record.partial;
    return write_all(Fd(record.is_stderr ? 2 : 1), text);
  }

  bool timestamps_;
  std::array<bool, 2> goes_on_{};
  std::string pending_;
};

bool still_runs(const Site& site, const std::string& id) {
  const auto container = ContainerStore(site.containers_dir()).read(id);
  return container && container->phase != Phase::exited && container->keeper.alive();
}

}  // namespace

std::size_t tail_offset(std::string_view log, std::size_t count) {
  std::size_t at = log.size();
  if (!log.empty() && log.back() != '\n') at = log.rfind('\n') + 1;  // a record that is being written
  if (count == 0) return at;
  std::size_t lines = 0;
  for (std::size_t end = at; end > 0;) {
    const std::size_t begin = end >= 2 ? log.rfind('\n', end - 2) + 1 : 0;
    const auto record = oci::decode_log_record(log.substr(begin, end - begin - 1));
    // The last record of all may be partial for good: then it is a line as well.
    if (record && (!record->partial || end == at) && ++lines > count) return end;
    end = begin;
  }
  return 0;
}

Result<> print_logs(const Site& site, const std::string& reference, const LogRequest& request) {
  const ContainerStore store(site.containers_dir());
  Container container;
  {
    const auto held = TRY(site.lock());
    TRY(settle(site));
    container = TRY(store.find(reference));
  }
  const auto opened = open_file(store.log(container.id), O_RDONLY);
  if (!opened && opened.error().sys_errno == ENOENT) return {};  // ran on a terminal: nothing was kept
  if (!opened) return std::unexpected(opened.error());
  const Fd file = opened->get();
  Printer printer(request.timestamps);
  if (request.tail) {
    const std::string all = TRY(read_all(file, std::size_t{1} << 30));
    TRY(printer.feed(std::string_view(all).substr(tail_offset(all, *request.tail))));
  }
  for (;;) {
    const bool runs =
        request.follow && still_runs(site, container.id);  // asked before reading: its last words count
    TRY(printer.feed(TRY(read_all(file, std::size_t{1} << 30))));
    if (!runs) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace podwire::docker
