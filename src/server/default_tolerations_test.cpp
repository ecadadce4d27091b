#include "server/default_tolerations.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace podwire::server {
namespace {

std::string tolerations_of(std::string_view given) {
  auto spec = boost::json::parse(given).as_object();
  add_default_tolerations(spec);
  std::string out;
  for (const auto& one : spec.at("tolerations").as_array()) {
    const auto& t = one.as_object();
    const auto* seconds = t.if_contains("tolerationSeconds");
    out += std::string(kube::text_in(t, "key")) + ":" +
           (seconds != nullptr ? std::to_string(seconds->as_int64()) : "") + " ";
  }
  return out;
}

TEST(DefaultTolerations, AreForNodesThatAreAwayForAWhile) {
  EXPECT_EQ(tolerations_of("{}"), "node.kubernetes.io/not-ready:300 node.kubernetes.io/unreachable:300 ");
}

TEST(DefaultTolerations, LeaveWhatAPodSaysItself) {
  EXPECT_EQ(
      tolerations_of(R"({"tolerations":[{"key":"node.kubernetes.io/not-ready","effect":"NoExecute"}]})"),
      "node.kubernetes.io/not-ready: node.kubernetes.io/unreachable:300 ");
  EXPECT_EQ(tolerations_of(R"({"tolerations":[{"operator":"Exists"}]})"), ": ");
}

}  // namespace
}  // namespace podwire::server
