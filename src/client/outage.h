#pragma once
#include <optional>
#include <string>

#include "kube/status.h"

namespace podwire::client {

/// Decides what of a reflector's ups and downs is worth a line in the log: that its server cannot be had
/// (once for each kind of refusal), and that it can again. A stream that is cut now and then is neither.
class Outage {
 public:
  explicit Outage(std::string resource) : resource_(std::move(resource)) {}

  /// `opened`: it failed in the middle of an answer that had begun well.
  void failed(const kube::Status& status, bool opened);
  /// An answer has begun well.
  void opened();
  /// Something came of it.
  void progress();

  [[nodiscard]] bool lasts() const { return said_.has_value(); }

 private:
  struct Said {
    int code;
    bool opened;
  };
  std::string resource_;
  std::optional<Said> said_;
  int failures_ = 0;  ///< in a row, without any progress
};

}  // namespace podwire::client
