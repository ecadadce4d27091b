#include "http/deadline.h"

namespace podwire::http {

Deadline::Deadline(const boost::asio::any_io_executor& executor, Duplex& stream, Clock::time_point until)
    : state_(std::make_shared<State>(&stream)), timer_(executor, until) {
  timer_.async_wait([state = state_](boost::system::error_code error) {
    if (error || state->stream == nullptr) return;
    state->passed = true;
    state->stream->close();
  });
}

}  // namespace podwire::http
