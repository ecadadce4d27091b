#include "lab/interruption.h"

#include <string.h>

#include <cerrno>

namespace podwire::lab {
namespace {

volatile std::sig_atomic_t asked = 0;

void note(int signal) { asked = signal; }

}  // namespace

Interruption::Interruption() {
  asked = 0;
  struct sigaction action{};
  action.sa_handler = note;  // no SA_RESTART: poll() and read() are to return
  ::sigaction(SIGINT, &action, &old_int_);
  ::sigaction(SIGTERM, &action, &old_term_);
  ::sigaction(SIGHUP, &action, &old_hup_);
}

Interruption::~Interruption() {
  ::sigaction(SIGINT, &old_int_, nullptr);
  ::sigaction(SIGTERM, &old_term_, nullptr);
  ::sigaction(SIGHUP, &old_hup_, nullptr);
}

int Interruption::signal() { return asked; }

Result<> Interruption::check() {
  if (asked == 0) return {};
  return fail(std::string("asked to stop by SIG") + ::sigabbrev_np(asked), {}, ECANCELED);
}

}  // namespace podwire::lab
