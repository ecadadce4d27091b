#include "server/metrics.h"

#include "server/registry_testing.h"

namespace podwire::server {
namespace {

RequestLabels labels(std::string_view method, std::vector<std::string> path, bool watch = false,
                     std::string_view type = "") {
  return RequestLabels::of(method, path, watch, type, kube::Schema::builtin());
}

TEST(RequestLabels, AreThoseOfTheResource) {
  const auto pod = labels("GET", {"api", "v1", "namespaces", "default", "pods", "a", "log"});
  EXPECT_EQ(pod.verb, "GET");
  EXPECT_EQ(pod.resource, "pods");
  EXPECT_EQ(pod.subresource, "log");
  EXPECT_EQ(pod.scope, "resource");
  const auto all = labels("GET", {"apis", "apps", "v1", "deployments"}, true);
  EXPECT_EQ(all.verb, "WATCH");
  EXPECT_EQ(all.group, "apps");
  EXPECT_EQ(all.scope, "cluster");
  EXPECT_EQ(labels("PATCH", {"api", "v1", "nodes", "n"}, false, "application/apply-patch+yaml").verb,
            "APPLY");
  EXPECT_EQ(labels("DELETE", {"api", "v1", "namespaces", "x", "pods"}).verb, "DELETECOLLECTION");
}

TEST(RequestLabels, ClientsCannotMakeUpNewOnes) {
  EXPECT_EQ(labels("GET", {"api", "v1", "made-up"}), labels("GET", {"nonsense"}));
  EXPECT_EQ(labels("GET", {"api", "v1", "nodes", "n", "made-up"}),
            labels("GET", {"api", "v1", "nodes", "n"}));
  EXPECT_EQ(labels("BREW", {"api", "v1", "nodes"}).verb, "OTHER");
}

class MetricsTest : public RegistryTest {};

TEST_F(MetricsTest, CountWhatHappened) {
  Metrics metrics;
  RequestLimits limits;
  registry_->observe_commits([&](std::chrono::nanoseconds took, bool) { metrics.observe_commit(took); });
  ASSERT_TRUE(create("ConfigMap", R"({"metadata":{"name":"a"}})").has_value());
  const auto get = labels("GET", {"api", "v1", "namespaces", "default", "configmaps", "a"});
  metrics.count(get, 200);
  metrics.count(get, 200);
  metrics.count(get, 404);
  const auto watch = labels("GET", {"api", "v1", "nodes"}, true);
  metrics.count_watch(watch, 1);
  metrics.observe_commit(std::chrono::milliseconds(3));
  const auto text = metrics.text(*store_, limits);
  const auto has = [&](std::string_view line) { return text.contains(std::string(line) + "\n"); };
  EXPECT_TRUE(has(
      R"(apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource="",verb="GET",version="v1"} 2)"))
      << text;
  EXPECT_TRUE(has(
      R"(apiserver_longrunning_requests{component="apiserver",group="",resource="nodes",scope="cluster",subresource="",verb="WATCH",version="v1"} 1)"));
  // kube-root-ca.crt of four namespaces, and a.
  EXPECT_TRUE(has(R"(apiserver_storage_objects{resource="configmaps"} 5)"));
  EXPECT_TRUE(has(R"(podwire_store_commit_duration_seconds_count 2)"));
  EXPECT_TRUE(has(R"(podwire_store_commit_duration_seconds_bucket{le="0.005"} 2)"));
  EXPECT_TRUE(text.contains("\nprocess_resident_memory_bytes "));
  EXPECT_FALSE(text.contains("\nprocess_resident_memory_bytes 0\n"));
  EXPECT_TRUE(text.contains("\nprocess_start_time_seconds 1"));
}

}  // namespace
}  // namespace podwire::server
