#include "http/client_identity.h"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>

namespace podwire::http {

namespace asio = boost::asio;

Result<> configure_client(asio::ssl::context& tls, const std::string& ca, const std::string& certificate,
                          const std::string& key) {
  static constexpr unsigned char kHttp1[] = "\x08http/1.1";
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_alpn_protos(tls.native_handle(), kHttp1, sizeof kHttp1 - 1);
  SSL_CTX_set_session_cache_mode(tls.native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(tls.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  boost::system::error_code error;
  if (ca.empty()) {
    tls.set_default_verify_paths(error);
    if (error) return fail("use certificates", "of the system's CAs", 0, error.message());
  } else {
    tls.add_certificate_authority(asio::buffer(ca), error);
    if (error) return fail("use certificate", "of the CA", 0, error.message());
  }
  if (certificate.empty() && key.empty()) return {};
  if (certificate.empty() || key.empty())
    return fail("use certificate", "of the client", 0, "certificate and key are given together");
  tls.use_certificate_chain(asio::buffer(certificate), error);
  if (error) return fail("use certificate", "of the client", 0, error.message());
  tls.use_private_key(asio::buffer(key), asio::ssl::context::pem, error);
  if (error) return fail("use private key", "of the client", 0, error.message());
  return {};
}

}  // namespace podwire::http
