#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "lab/cluster/files.h"
#include "lab/deadline.h"

namespace podwire::lab {

/// One end of a conversation with a lab's keeper, for the one who asks; conversation.h has the words.
/// Blocking.
class LabConnection {
 public:
  /// Errors: there is no such lab, or its keeper has gone. (They say what to do.)
  static Result<LabConnection> open(const LabFiles& files);
  /// Starts `keeper`, a program that becomes the lab's keeper, in a session of its own, as its first client.
  static Result<LabConnection> start(const std::vector<std::string>& keeper);

  Result<> say(const boost::json::object& request);
  /// The next line; nullopt: the keeper has ended. Errors: ETIMEDOUT, ECANCELED; what it refuses with.
  Result<std::optional<boost::json::object>> hear(const Deadline& deadline);
  /// Says it, and hears answers up to the last, which is returned. `told` gets those before it.
  Result<boost::json::object> ask(const boost::json::object& request, const Deadline& deadline,
                                  const std::function<void(const boost::json::object&)>& told = {});
  /// Until the keeper has ended, or closed the conversation.
  Result<> wait_for_end(const Deadline& deadline);

 private:
  explicit LabConnection(UniqueFd socket) : socket_(std::move(socket)) {}
  UniqueFd socket_;
  std::string buffer_;
};

/// The labs that have a directory, by name, in order.
[[nodiscard]] Result<std::vector<std::string>> labs_in(const std::string& directory);

}  // namespace podwire::lab
