#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace podwire::streaming {

/// A log's file while it is written, and moved aside and begun anew. Reads do not wait.
class LogReader {
 public:
  /// From the beginning of the last so many lines; or of the file. Error: there is none.
  static Result<LogReader> open(std::string path, std::optional<std::uint64_t> tail);

  /// The next bytes; empty: there are no more now. Goes on in the new file, once the old one is read to its
  /// end.
  Result<std::string> read();

 private:
  LogReader(std::string path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
  /// Whether `path` names another file by now.
  [[nodiscard]] bool was_replaced() const;

  std::string path_;
  UniqueFd file_;
};

}  // namespace podwire::streaming
