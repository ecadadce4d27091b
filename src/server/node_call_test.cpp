#include "server/node_call.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "server/node_proxy.h"

namespace podwire::server {
namespace {

json::object object(std::string_view text) { return json::parse(text).as_object(); }

const json::object kPod = object(R"({"metadata":{"name":"web","namespace":"shop","uid":"u-1"},
  "spec":{"nodeName":"n1","containers":[{"name":"app"},{"name":"side"}],"initContainers":[{"name":"first"}]}})");
const json::object kNode = object(R"({"metadata":{"name":"n1"},"status":{
  "addresses":[{"type":"Hostname","address":"n1.lan"},{"type":"InternalIP","address":"10.89.0.2"}],
  "daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}})");

TEST(NodeCallTest, AContainerMustBeNamedWhereThereAreSeveral) {
  EXPECT_EQ(container_of(kPod, "").error().message,
            "a container name must be specified for pod web, choose one of: [app side] or one of the init "
            "containers: [first]");
  EXPECT_EQ(container_of(kPod, "nope").error().message, "container nope is not valid for pod web");
  EXPECT_EQ(*container_of(kPod, "first"), "first");
  EXPECT_EQ(*container_of(object(R"({"spec":{"containers":[{"name":"only"}]}})"), ""), "only");
}

TEST(NodeCallTest, EachSubresourceHasItsPath) {
  const auto target = [](std::string_view sub, const Query& query) {
    return node_call(kPod, kNode, sub, query)->target;
  };
  EXPECT_EQ(target("log", {{"container", "app"}, {"follow", "true"}, {"tailLines", "5"}}),
            "/containerLogs/shop/web/app?follow=true&tailLines=5");
  EXPECT_EQ(target("exec", {{"container", "side"},
                            {"command", "sh"},
                            {"command", "a b"},
                            {"stderr", "false"},
                            {"stdin", "true"}}),
            "/exec/shop/web/u-1/side?input=1&output=1&command=sh&command=a%20b");
  EXPECT_EQ(target("attach", {{"container", "app"}, {"tty", "true"}, {"command", "no"}}),
            "/attach/shop/web/u-1/app?output=1&error=1&tty=1");
  EXPECT_EQ(target("portforward", {{"ports", "80"}, {"ports", "81"}}),
            "/portForward/shop/web/u-1?port=80&port=81");
}

TEST(NodeCallTest, TheNodeIsAskedAtItsInternalAddress) {
  const auto call = node_call(kPod, kNode, "portforward", {});
  EXPECT_EQ(call->host, "10.89.0.2");
  EXPECT_EQ(call->port, 10250);
  auto named = kNode;
  named["status"].as_object()["addresses"].as_array().pop_back();
  EXPECT_EQ(node_call(kPod, named, "portforward", {})->host, "n1.lan");
  named["status"].as_object().erase("addresses");
  EXPECT_EQ(node_call(kPod, named, "portforward", {}).error().code, 503);
  named["status"].as_object().erase("daemonEndpoints");
  EXPECT_NE(node_call(kPod, named, "portforward", {}).error().message.find("does not run an agent"),
            std::string::npos);
}

TEST(NodeCallTest, WhatANodeRefusesIsAStatus) {
  const NodeCall call{.node = "n1", .pod = "web"};
  const auto waiting =
      refusal_of(call, 400, "container \"c\" in pod \"web\" is waiting to start: ContainerCreating\n");
  EXPECT_EQ(waiting.reason, "BadRequest");
  EXPECT_EQ(waiting.message, "container \"c\" in pod \"web\" is waiting to start: ContainerCreating");
  EXPECT_EQ(refusal_of(call, 404, "pod \"web\" does not exist").reason, "NotFound");
  EXPECT_EQ(refusal_of(call, 403, "Forbidden").code, 500);
  EXPECT_EQ(unreachable(call, Error{.verb = "connect"}).code, 502);
}

}  // namespace
}  // namespace podwire::server
