#pragma once
#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/server.h"

namespace podwire::lab {

/// A program that is kept running, as a service manager would: it is started again when it ends, at first
/// soon and then less and less soon. On the io_context's one thread, which must live as long as the program.
class Service : public std::enable_shared_from_this<Service> {
 public:
  using Start = std::function<Result<pid_t>()>;
  /// Told each time that it ended or could not be started, though nobody had asked for it: the sentence.
  using Trouble = std::function<void(std::string sentence, int status)>;

  /// Starts it now.
  static std::shared_ptr<Service> keep(boost::asio::io_context& io, std::string name, Start start,
                                       Trouble trouble);
  /// Kills it for good. It is waited for soon after.
  void stop();
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] pid_t pid() const { return child_; }  ///< 0: it does not run just now

 private:
  Service(boost::asio::io_context& io, std::string name, Start start, Trouble trouble);
  static http::Task<void> run(std::shared_ptr<Service> self);
  http::Task<void> run_once();

  std::string name_;
  Start start_;
  Trouble trouble_;
  boost::asio::steady_timer pause_;
  pid_t child_ = 0;
  bool stopping_ = false, ended_ = false;
};

}  // namespace podwire::lab
