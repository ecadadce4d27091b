#include "server/access_testing.h"
#include "server/api.h"

namespace podwire::server {
namespace {

using kube::text_in;

/// The API as an administrator reaches it; pod "free" is on no node yet, "web-0" is on n1.
class PodSubresourcesTest : public AccessTest {
 protected:
  PodSubresourcesTest() {
    EXPECT_TRUE(
        create("Pod", R"({"metadata":{"name":"free"},"spec":{"containers":[{"name":"c","image":"i"}]}})")
            .has_value());
  }
  static ApiRequest request(std::string method, std::vector<std::string> path, std::string body = "") {
    ApiRequest out{.method = std::move(method),
                   .path = {"api", "v1", "namespaces", "default"},
                   .query = {},
                   .accept = {},
                   .content_type = {},
                   .user_agent = {},
                   .body = std::move(body),
                   .user = {.name = "admin", .uid = {}, .groups = {"system:masters"}}};
    out.path.insert(out.path.end(), path.begin(), path.end());
    return out;
  }
  Reply ask(std::string method, std::vector<std::string> path, std::string body = "") {
    return wait(api_.answer(request(std::move(method), std::move(path), std::move(body))));
  }
  static std::string binding(std::string_view more = "") {
    return R"({"metadata":{"name":"free")" + std::string(more) + R"(},"target":{"kind":"Node","name":"n1"}})";
  }
  static std::string message(const Reply& reply) {
    return std::string(text_in(json::parse(reply.body).as_object(), "message"));
  }

  Api api_{*registry_, *access_, "127.0.0.1:6443", "0"};
};

TEST_F(PodSubresourcesTest, ABindingPutsAPodOnANodeOnce) {
  const auto bound = ask("POST", {"pods", "free", "binding"}, binding(R"(,"annotations":{"a":"b"})"));
  EXPECT_EQ(bound.code, 201) << bound.body;
  const auto pod = *get("Pod", "free");
  EXPECT_EQ(text_in(pod, "spec", "nodeName"), "n1");
  EXPECT_EQ(text_in(pod, "metadata", "annotations", "a"), "b");
  const auto& condition = pod.at("status").at("conditions").at(0).as_object();
  EXPECT_EQ(text_in(condition, "type"), "PodScheduled");
  EXPECT_EQ(text_in(condition, "status"), "True");
  const auto again = ask("POST", {"pods", "free", "binding"}, binding());
  EXPECT_EQ(again.code, 409);
  EXPECT_EQ(
      message(again),
      R"(Operation cannot be fulfilled on pods/binding "free": pod free is already assigned to node "n1")");
}

TEST_F(PodSubresourcesTest, ABindingGoesToTheCollectionToo) {
  EXPECT_EQ(ask("POST", {"bindings"}, binding()).code, 201);
  EXPECT_EQ(text_in(*get("Pod", "free"), "spec", "nodeName"), "n1");
}

TEST_F(PodSubresourcesTest, BindingsThatAreNotSoundAreRefused) {
  EXPECT_EQ(ask("POST", {"pods", "free", "binding"}, R"({"target":{"kind":"Pod","name":"n1"}})").code, 422);
  EXPECT_EQ(ask("POST", {"pods", "free", "binding"}, R"({"target":{}})").code, 422);
  EXPECT_EQ(ask("POST", {"pods", "web-0", "binding"}, binding()).code, 400);
  EXPECT_EQ(ask("POST", {"pods", "none", "binding"}, R"({"target":{"name":"n1"}})").code, 404);
  EXPECT_EQ(ask("POST", {"pods", "free", "binding"}, binding(R"(,"uid":"other")")).code, 409);
  EXPECT_EQ(text_in(*get("Pod", "free"), "spec", "nodeName"), "");
}

TEST_F(PodSubresourcesTest, AnEvictionIsADeletion) {
  EXPECT_EQ(ask("POST", {"pods", "web-0", "eviction"}, R"({"metadata":{"name":"free"}})").code, 400);
  EXPECT_EQ(ask("POST", {"pods", "web-0", "eviction"},
                R"({"metadata":{"name":"web-0"},"deleteOptions":{"preconditions":{"uid":"other"}}})")
                .code,
            409);
  EXPECT_EQ(ask("POST", {"pods", "web-0", "eviction"},
                R"({"metadata":{"name":"web-0"},"deleteOptions":{"dryRun":["All"]}})")
                .code,
            201);
  EXPECT_EQ(text_in(*get("Pod", "web-0"), "metadata", "deletionTimestamp"), "");
  EXPECT_EQ(ask("POST", {"pods", "web-0", "eviction"},
                R"({"metadata":{"name":"web-0"},"deleteOptions":{"gracePeriodSeconds":7}})")
                .code,
            201);
  EXPECT_EQ(get("Pod", "web-0")->at("metadata").at("deletionGracePeriodSeconds"), 7);
}

TEST_F(PodSubresourcesTest, NodesAreAskedWhereTheySay) {
  const auto call = [&](std::vector<std::string> path, std::string method = "GET") {
    return api_.call_of(request(std::move(method), std::move(path)));
  };
  for (const auto* sub : {"log", "exec", "attach", "portforward"}) {
    EXPECT_TRUE(Api::is_for_node(request("GET", {"pods", "free", sub})));
    EXPECT_EQ(call({"pods", "free", sub}).error().message, "pod free does not have a host assigned");
    EXPECT_EQ(call({"pods", "none", sub}).error().message, "pods \"none\" not found");
    EXPECT_EQ(call({"pods", "web-0", sub}).error().code, 503) << sub;
  }
  EXPECT_EQ(call({"pods", "free", "log"}, "POST").error().code, 405);
  EXPECT_EQ(call({"pods", "free", "exec"}, "DELETE").error().code, 405);
  EXPECT_FALSE(Api::is_for_node(request("GET", {"pods", "free"})));
  EXPECT_EQ(ask("PATCH", {"pods", "free", "ephemeralcontainers"}).code, 404);
}

}  // namespace
}  // namespace podwire::server
