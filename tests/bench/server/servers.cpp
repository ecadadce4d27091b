#include "tests/bench/server/servers.h"

#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "base/base64.h"
#include "base/file.h"

namespace podwire::bench {
namespace {

constexpr std::uint16_t kPodwirePort = 6443, kEtcdPort = 2379, kEtcdPeerPort = 2380;
constexpr std::string_view kToken = "bench", kAuthorization = "Authorization: Bearer bench\r\n";
constexpr auto kPatience = std::chrono::seconds(60);
constexpr auto kPause = std::chrono::microseconds(200);

/// Asks again and again until it is so.
Result<> wait_until(const Daemon& process, std::string_view name, const std::function<bool()>& so) {
  const auto start = Clock::now();
  while (!so()) {
    if (!process.runs() || Clock::now() - start > kPatience)
      return fail("wait for", name, 0, process.last_words());
    std::this_thread::sleep_for(kPause);
  }
  return {};
}

bool answers(std::uint16_t port, SSL_CTX* tls, const std::string& request, std::string_view what) {
  auto connection = Connection::open(port, tls);
  if (!connection) return false;
  const auto answer = connection->call(request);
  return answer && answer->status == 200 && answer->body.find(what) != std::string::npos;
}

std::string request(std::string_view method, std::string_view path, std::string_view headers,
                    std::string_view body) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}Accept: application/json\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      method, path, headers, body.size(), body);
}

}  // namespace

std::string get(std::string_view path) { return request("GET", path, kAuthorization, ""); }
std::string post(std::string_view path, std::string_view body) {
  return request("POST", path, kAuthorization, body);
}
std::string put(std::string_view path, std::string_view body) {
  return request("PUT", path, kAuthorization, body);
}
std::string etcd_put(std::string_view key, std::string_view value) {
  return request("POST", "/v3/kv/put", "",
                 fmt::format(R"({{"key":"{}","value":"{}"}})", base64_encode(key), base64_encode(value)));
}

Result<Podwire> Podwire::start(const std::string& program, const std::string& directory,
                               std::vector<std::string> flags) {
  TRY(make_directories(directory));
  const auto tokens = directory + "/tokens", log = directory + "/log";
  TRY(write_file_atomic(tokens, std::string(kToken) + ",bench,,\"system:masters\"\n"));
  std::vector<std::string> argv{
      program,        "server", "--data-dir", directory,
      "--token-file", tokens,   "--listen",   fmt::format("127.0.0.1:{}", kPodwirePort)};
  argv.insert(argv.end(), flags.begin(), flags.end());
  const auto start = Clock::now();
  auto process = TRY(Daemon::start(std::move(argv), log));
  TRY(wait_until(process, "podwire server", [&] {
    return read_file(log).value_or("").find("podwire server: ready") != std::string::npos;
  }));
  auto tls = TRY(trust(directory + "/pki/ca.crt"));
  TRY(wait_until(process, "podwire server",
                 [&] { return answers(kPodwirePort, tls.get(), get("/readyz"), "ok"); }));
  const auto ms = ms_since(start);
  return Podwire(std::move(process), std::move(tls), ms);
}

Result<Connection> Podwire::connect() const { return Connection::open(kPodwirePort, tls_.get()); }

Result<std::vector<Connection>> Podwire::connect(int count) const {
  std::vector<Connection> out;
  for (int n = 0; n < count; ++n) out.push_back(TRY(connect()));
  return out;
}

Result<Etcd> Etcd::start(const std::string& directory) {
  TRY(make_directories(directory));
  const auto url = fmt::format("http://127.0.0.1:{}", kEtcdPort);
  const auto peer = fmt::format("http://127.0.0.1:{}", kEtcdPeerPort);
  const auto start = Clock::now();
  auto process = TRY(Daemon::start(
      {"etcd", "--data-dir", directory + "/data", "--listen-client-urls", url, "--advertise-client-urls", url,
       "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster",
       "default=" + peer, "--logger", "zap", "--log-level", "error"},
      directory + "/log"));
  TRY(wait_until(process, "etcd",
                 [&] { return answers(kEtcdPort, nullptr, request("GET", "/health", "", ""), "true"); }));
  const auto ms = ms_since(start);
  return Etcd(std::move(process), ms);
}

Result<std::vector<Connection>> Etcd::connect(int count) const {
  std::vector<Connection> out;
  for (int n = 0; n < count; ++n) out.push_back(TRY(Connection::open(kEtcdPort, nullptr)));
  return out;
}

}  // namespace podwire::bench
