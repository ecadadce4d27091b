#pragma once
#include <string>

#include "base/result.h"
#include "docker/site.h"

namespace podwire::cli {

/// What every verb shares: the global options, and the exit status that it leaves for main.
class Context {
 public:
  Context();

  std::string netns;  ///< --netns, PODWIRE_NETNS
  std::string root;   ///< --root, PODWIRE_ROOT; empty: the usual places
  int status = 0;

  [[nodiscard]] docker::Roots roots() const;
  [[nodiscard]] Result<docker::Site> site() const { return docker::Site::open(roots(), netns); }
  /// Arguments that make another podwire process act on the same site.
  [[nodiscard]] std::vector<std::string> own_command(std::vector<std::string> verb) const;

  /// Prints the error as people read it and sets the exit status.
  void fail_with(const Error& error, int exit_status = 1);
  /// For a verb's whole body: `context.run([&]() -> Result<> {...});`
  template <class F>
  void run(F body, int failure_status = 1) {
    if (Result<> done = body(); !done) fail_with(done.error(), failure_status);
  }
};

/// "podwire: error: what failed" and, when it is known, what to do about it on a line of its own. To stderr;
/// coloured only on a terminal.
void print_error(const Error& error);
/// A remark to a person on stderr: never on stdout, where programs read.
void print_hint(const std::string& text);

[[nodiscard]] bool colour_on(int fd);

}  // namespace podwire::cli
