#pragma once
#include <boost/asio/awaitable.hpp>

#include "standin/message.h"

namespace podwire::standin {

/// agnhost's /dial?host=H&port=P&protocol=http|udp&request=hostname&tries=N: asks another pod, and answers
/// with {"responses":[...],"errors":[...]}. Each try has five seconds; at most 100.
boost::asio::awaitable<Response> dial(const Request& request);

}  // namespace podwire::standin
