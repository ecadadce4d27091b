#include "oci/process_identity.h"

#include <fmt/format.h>
#include <unistd.h>

#include <sstream>

#include "base/file.h"

namespace podwire::oci {

ProcessIdentity ProcessIdentity::of(pid_t pid) {
  const auto text = read_file(fmt::format("/proc/{}/stat", pid), 4096);
  if (pid <= 0 || !text) return {};
  // The second field is the program's name in brackets and may hold anything, also brackets and blanks.
  const auto bracket = text->rfind(')');
  if (bracket == std::string::npos) return {};
  std::istringstream rest(text->substr(bracket + 1));
  std::string state, skipped;
  rest >> state;
  for (int field = 4; field < 22; ++field) rest >> skipped;
  std::uint64_t start = 0;
  rest >> start;
  if (!rest || state == "Z" || state == "X") return {};
  return {pid, start};
}

ProcessIdentity ProcessIdentity::self() { return of(::getpid()); }

bool ProcessIdentity::alive() const { return pid > 0 && of(pid) == *this; }

}  // namespace podwire::oci
