#pragma once
#include <boost/asio/ssl/context.hpp>
#include <string>

#include "base/result.h"

namespace podwire::http {

/// What a client trusts and what it shows, for all its connections. Everything is PEM.
[[nodiscard]] Result<> configure_client(boost::asio::ssl::context& tls, const std::string& ca,
                                        const std::string& certificate, const std::string& key);

}  // namespace podwire::http
