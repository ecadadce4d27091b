#include "http/tls_transport.h"

#include <openssl/x509.h>

#include <memory>

namespace podwire::http {
namespace {

namespace asio = boost::asio;

/// Every value of that kind in a certificate's subject.
std::vector<std::string> subject_parts(X509_NAME* subject, int kind) {
  std::vector<std::string> out;
  for (int at = X509_NAME_get_index_by_NID(subject, kind, -1); at >= 0;
       at = X509_NAME_get_index_by_NID(subject, kind, at)) {
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) continue;
    out.emplace_back(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
  }
  return out;
}

int choose_http1(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
                 unsigned in_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, kOurs, sizeof kOurs - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<> configure(asio::ssl::context& tls, const ServerCertificates& given) {
  boost::system::error_code error;
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                  asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                  asio::ssl::context::no_tlsv1_1);
  tls.use_certificate_chain(asio::buffer(given.chain), error);
  if (error) return fail("use certificate", "of the server", 0, error.message());
  tls.use_private_key(asio::buffer(given.key), asio::ssl::context::pem, error);
  if (error) return fail("use private key", "of the server", 0, error.message());
  if (!given.client_ca.empty()) {
    tls.add_certificate_authority(asio::buffer(given.client_ca), error);
    if (error) return fail("use certificate", "of the CA for clients", 0, error.message());
    tls.set_verify_mode(asio::ssl::verify_peer, error);
  }
  // Sessions are of no use to clients that keep their connections, and cost memory.
  SSL_CTX_set_session_cache_mode(tls.native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(tls.native_handle(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(tls.native_handle(), 0);
  SSL_CTX_set_mode(tls.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(tls.native_handle(), choose_http1, nullptr);
  return {};
}

Task<Result<Peer>> TlsTransport::open() {
  const auto shaken = co_await stream_.handshake(TlsStream::Side::server);
  if (!shaken) co_return std::unexpected(shaken.error());
  Peer out;
  boost::system::error_code ignored;
  const auto end = stream_.socket().remote_endpoint(ignored);
  if (!ignored) out.address = end.address().to_string();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(stream_.native()),
                                                                X509_free);
  if (!certificate) co_return out;
  out.certificate = true;
  auto* subject = X509_get_subject_name(certificate.get());
  if (auto names = subject_parts(subject, NID_commonName); !names.empty()) out.common_name = names.front();
  out.organizations = subject_parts(subject, NID_organizationName);
  co_return out;
}

void TlsTransport::cancel() {
  boost::system::error_code ignored;
  stream_.socket().cancel(ignored);
}

void TlsTransport::finish() {
  boost::system::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void TlsTransport::close() {
  boost::system::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.socket().close(ignored);
}

}  // namespace podwire::http
