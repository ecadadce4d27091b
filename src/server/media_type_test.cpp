#include "server/media_type.h"

#include <gtest/gtest.h>

namespace podwire::server {
namespace {

TEST(MediaType, KubectlGetsATable) {
  EXPECT_EQ(accepted_form("application/json;as=Table;v=v1;g=meta.k8s.io,"
                          "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"),
            Form::table);
}

TEST(MediaType, FormsThatAreNotThereArePassedOver) {
  EXPECT_EQ(accepted_form("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"),
            Form::object);
  EXPECT_EQ(accepted_form("application/vnd.kubernetes.protobuf,application/json"), Form::object);
  EXPECT_EQ(accepted_form("application/vnd.kubernetes.protobuf, */*"), Form::object);
  EXPECT_EQ(
      accepted_form("application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
                    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"),
      Form::partial);
}

TEST(MediaType, NothingAskedIsJson) {
  EXPECT_EQ(accepted_form(""), Form::object);
  EXPECT_EQ(accepted_form("application/json, */*;q=0.8"), Form::object);
}

TEST(MediaType, DiscoveryInOneDocument) {
  EXPECT_EQ(
      accepted_form("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"),
      Form::discovery_v2);
}

TEST(MediaType, WhatWeHaveNotIsRefused) {
  EXPECT_EQ(accepted_form("application/vnd.kubernetes.protobuf").error().code, 406);
  EXPECT_EQ(accepted_form("text/html").error().code, 406);
}

TEST(MediaType, BodiesByTheirType) {
  EXPECT_EQ(body_type("application/json; charset=utf-8"), BodyType::json);
  EXPECT_EQ(body_type(""), BodyType::json);
  EXPECT_EQ(body_type("application/vnd.kubernetes.protobuf"), BodyType::protobuf);
  EXPECT_EQ(body_type("application/strategic-merge-patch+json"), BodyType::strategic_patch);
  EXPECT_EQ(body_type("application/apply-patch+yaml"), BodyType::apply_patch);
  EXPECT_EQ(body_type("text/plain").error().code, 415);
}

}  // namespace
}  // namespace podwire::server
