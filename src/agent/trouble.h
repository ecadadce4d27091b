#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"

namespace podwire::agent {

/// Tells the log of something that is tried again and again: that it fails, once for each reason, and that it
/// works again.
class Trouble {
 public:
  /// `what`: "keep the Node up to date".
  explicit Trouble(std::string what) : what_(std::move(what)) {}

  void failed(std::string_view why) {
    if (said_ == why) return;
    said_ = why;
    log::warn("cannot " + what_ + ", will try again", {{"why", why}});
  }
  void worked() {
    if (!said_) return;
    said_.reset();
    log::warn("can " + what_ + " again");
  }

 private:
  std::string what_;
  std::optional<std::string> said_;
};

}  // namespace podwire::agent
