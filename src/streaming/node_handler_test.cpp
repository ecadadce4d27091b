#include "streaming/node_handler.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "http/client_fixture.h"

namespace podwire::streaming {
namespace {

/// One pod "web" with a log and no processes.
class QuietRuntime final : public PodRuntime {
 public:
  explicit QuietRuntime(std::string log) : log_(std::move(log)) {}
  Answer<LogFile> log_of(const ContainerRef& container, bool) override {
    if (container.pod != "web")
      return std::unexpected(
          kube::Status{.code = 404, .message = "pod \"" + container.pod + "\" does not exist"});
    return LogFile{.path = log_, .is_written = [] { return false; }};
  }
  Task<Answer<std::unique_ptr<RunningProcess>>> exec(const ContainerRef&, ExecOptions) override {
    co_return kube::bad_request("there are no processes");
  }
  Task<Answer<std::unique_ptr<RunningProcess>>> attach(const ContainerRef&, ExecOptions) override {
    co_return kube::bad_request("there are no processes");
  }
  Task<Answer<UniqueFd>> connect(const ContainerRef&, std::uint16_t) override {
    co_return kube::bad_request("there are no ports");
  }

 private:
  std::string log_;
};

class NodeHandler : public http::HttpTlsClient {
 protected:
  NodeHandler() { std::ofstream(log_) << "2026-11-23T07:00:00.000000000Z stdout F hello\n"; }
  ~NodeHandler() override { std::filesystem::remove(log_); }
  Task<void> handle(const http::Request& request, http::Responder& out) override {
    return handler_(request, out);
  }
  void show(const std::string& common_name) {
    const auto own = ca().sign(common_name, "");
    options_.certificate = own.certificate;
    options_.key = own.key;
  }
  /// "200 body".
  std::string get(std::string target) {
    std::string seen;
    io_.restart();
    start();
    const auto c = client();
    run(ask(*c, std::move(target), seen));
    return seen;
  }
  static Task<void> ask(http::TlsClient& client, std::string target, std::string& seen) {
    http::Call call{.target = std::move(target)};
    const auto reply = co_await client.send(std::move(call));
    seen = reply ? std::to_string(reply->status) + " " + reply->body : reply.error().message();
  }

  std::string log_ = testing::TempDir() + "node-" + std::to_string(::getpid()) + ".log";
  QuietRuntime runtime_{log_};
  http::Handler handler_ = node_handler(runtime_);
};

constexpr auto kLogPath = "/containerLogs/default/web/c";

TEST_F(NodeHandler, LetsNobodyInWithoutACertificate) {
  EXPECT_EQ(get(kLogPath), "401 Unauthorized\n");
  EXPECT_EQ(get("/exec/default/web/c?command=id&output=1"), "401 Unauthorized\n");
  EXPECT_EQ(get("/healthz"), "200 ok\n");
}

TEST_F(NodeHandler, LetsNoOtherNodeIn) {
  show("system:node:n2");
  EXPECT_EQ(get(kLogPath), "403 Forbidden (user=system:node:n2)\n");
  EXPECT_EQ(get("/portForward/default/web"), "403 Forbidden (user=system:node:n2)\n");
}

TEST_F(NodeHandler, AnswersTheApiServer) {
  show("kube-apiserver-kubelet-client");
  EXPECT_EQ(get(kLogPath), "200 hello\n");
  EXPECT_EQ(get("/containerLogs/default/other/c"), "404 pod \"other\" does not exist\n");
  EXPECT_EQ(get("/containerLogs/default/web/c?tailLines=x"), "400 tailLines: \"x\" is no number\n");
}

TEST_F(NodeHandler, WhatIsNoStreamIsRefused) {
  show("kube-apiserver-kubelet-client");
  EXPECT_EQ(get("/exec/default/web/c?command=id"),
            "400 you must specify at least 1 of stdin, stdout, stderr\n");
  EXPECT_EQ(get("/exec/default/web/c?output=1"),
            "400 you must specify at least 1 command for the container\n");
  EXPECT_TRUE(get("/exec/default/web/c?output=1&command=id").starts_with("400 unable to upgrade"));
  EXPECT_EQ(get("/portForward/default/web?port=0"), "400 \"0\" is no port\n");
  EXPECT_EQ(get("/portForward/default/web"), "400 query parameter \"port\" is required\n");
  for (const auto* path : {"/", "/exec", "/exec/default/web", "/containerLogs/a/b/c/d", "/pods"})
    EXPECT_TRUE(get(path).starts_with("404 ")) << path;
}

}  // namespace
}  // namespace podwire::streaming
