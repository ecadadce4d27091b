#pragma once
#include <boost/asio/ssl/context.hpp>

#include "http/base_url.h"
#include "http/duplex.h"
#include "http/signal.h"

namespace podwire::http {

/// The client's end of a connection. Must not be destroyed while something waits for it.
class ClientStream : public Duplex {
 public:
  /// Nothing has come that is not read yet, also no end: it can be used for one more request.
  virtual bool quiet() = 0;
  /// The server may be as slow as it likes to take what is written, as long as its machine answers.
  virtual void be_patient() = 0;
};

/// What a TLS connection must prove, and how.
struct Trust {
  boost::asio::ssl::context* context = nullptr;
  std::string server_name;  ///< what the certificate must be for: a name or an address
  bool verify = true;
};

/// A new connection, with TLS where the URL says so. Every address of a name is tried in turn. Errors: the
/// name is unknown, the last address's refusal, the server is not trusted (and why), or it took too long.
Task<Result<std::unique_ptr<ClientStream>>> dial(BaseUrl url, Trust trust, Clock::time_point until);

}  // namespace podwire::http
