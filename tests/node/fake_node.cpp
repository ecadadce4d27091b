#include <fmt/format.h>

#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "base/file.h"
#include "fake_runtime.h"
#include "pki/certificate.h"
#include "pki/key.h"
#include "streaming/node_handler.h"

namespace {

using namespace podwire;

/// A serving certificate for 127.0.0.1, signed by the CA in DIR/ca.{crt,key}.
Result<http::ServerCertificates> certificates(const std::string& dir) {
  const auto ca = TRY(read_file(dir + "/ca.crt"));
  const auto issuer = TRY(pki::certificate_from_pem(ca));
  const auto issuer_key = TRY(pki::key_from_pem(TRY(read_file(dir + "/ca.key"))));
  const auto key = TRY(pki::make_key());
  const pki::CertificateRequest request{
      .use = pki::CertificateRequest::Use::server,
      .subject = {"system:node:n1", {"system:nodes"}},
      .alternative_names = {"IP:127.0.0.1"},
      .now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
  const auto certificate = TRY(pki::make_certificate(request, key.get(), issuer.get(), issuer_key.get()));
  return http::ServerCertificates{TRY(pki::pem_of(certificate.get())), TRY(pki::pem_of(key.get())), ca};
}

Result<> serve(const std::string& pki_dir, const std::string& log) {
  boost::asio::io_context io(1);
  streaming::FakeRuntime runtime(io, log);
  http::Server server(io, streaming::node_handler(runtime), streaming::plain_complaint);
  boost::asio::signal_set stop(io, SIGTERM, SIGINT);
  stop.async_wait([&](boost::system::error_code, int) { io.stop(); });
  const auto port = TRY(server.listen(TRY(IpAddr::parse("127.0.0.1")), 0, TRY(certificates(pki_dir))));
  fmt::print("{}\n", port);
  std::fflush(stdout);
  io.run();
  return {};
}

}  // namespace

/// fake_node PKI_DIR LOG_FILE: prints its port.
int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc != 3) return 2;
  const auto served = serve(argv[1], argv[2]);
  if (!served) fmt::print(stderr, "{}\n", served.error().message());
  return served ? 0 : 1;
}
