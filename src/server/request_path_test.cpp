#include "server/request_path.h"

#include <gtest/gtest.h>

#include <sstream>

namespace podwire::server {
namespace {

std::optional<ResourcePath> of(std::string_view path) {
  std::vector<std::string> segments;
  std::istringstream in{std::string(path)};
  for (std::string s; std::getline(in, s, '/');) segments.push_back(s);
  return resource_path(segments);
}

TEST(RequestPath, NamesWhatIsAsked) {
  EXPECT_EQ(of("api/v1"), (ResourcePath{.version = "v1"}));
  EXPECT_EQ(of("apis/apps/v1"), (ResourcePath{.group = "apps", .version = "v1"}));
  EXPECT_EQ(of("api/v1/nodes"), (ResourcePath{.version = "v1", .resource = "nodes"}));
  EXPECT_EQ(of("api/v1/pods"), (ResourcePath{.version = "v1", .resource = "pods"}));
  EXPECT_EQ(
      of("api/v1/namespaces/a/pods/b/log"),
      (ResourcePath{.version = "v1", .ns = "a", .resource = "pods", .name = "b", .subresource = "log"}));
  EXPECT_EQ(of("apis/apps/v1/namespaces/a/deployments"),
            (ResourcePath{.group = "apps", .version = "v1", .ns = "a", .resource = "deployments"}));
}

TEST(RequestPath, ANamespaceIsAnObjectToo) {
  EXPECT_EQ(of("api/v1/namespaces"), (ResourcePath{.version = "v1", .resource = "namespaces"}));
  EXPECT_EQ(of("api/v1/namespaces/a"),
            (ResourcePath{.version = "v1", .resource = "namespaces", .name = "a"}));
  EXPECT_EQ(
      of("api/v1/namespaces/a/finalize"),
      (ResourcePath{.version = "v1", .resource = "namespaces", .name = "a", .subresource = "finalize"}));
}

TEST(RequestPath, OthersAreNoneOfTheApi) {
  for (const char* path : {"", "healthz", "api", "apis", "apis/apps", "api/v1/namespaces/a/pods/b/log/c"})
    EXPECT_FALSE(of(path).has_value()) << path;
}

TEST(RequestPath, VerbsOfAuthorization) {
  const ResourcePath all{.version = "v1", .resource = "pods"};
  const ResourcePath one{.version = "v1", .resource = "pods", .name = "a"};
  EXPECT_EQ(verb_of("GET", all, false), "list");
  EXPECT_EQ(verb_of("GET", all, true), "watch");
  EXPECT_EQ(verb_of("GET", one, false), "get");
  EXPECT_EQ(verb_of("POST", all, false), "create");
  EXPECT_EQ(verb_of("PUT", one, false), "update");
  EXPECT_EQ(verb_of("PATCH", one, false), "patch");
  EXPECT_EQ(verb_of("DELETE", one, false), "delete");
  EXPECT_EQ(verb_of("DELETE", all, false), "deletecollection");
  EXPECT_EQ(verb_of("TRACE", all, false), "");
}

}  // namespace
}  // namespace podwire::server
