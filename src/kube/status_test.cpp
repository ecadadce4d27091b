#include "kube/status.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace podwire::kube {
namespace {

std::string text_of(const std::unexpected<Status>& s) { return boost::json::serialize(to_json(s.error())); }

TEST(Status, SaysWhatIsNotThere) {
  EXPECT_EQ(text_of(not_found({"apps", "deployments"}, "web")),
            R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
            R"("message":"deployments.apps \"web\" not found","reason":"NotFound",)"
            R"("details":{"name":"web","group":"apps","kind":"deployments"},"code":404})");
}

TEST(Status, HasNoDetailsWhereThereAreNone) {
  EXPECT_EQ(text_of(unauthorized()), R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
                                     R"("message":"Unauthorized","reason":"Unauthorized","code":401})");
}

TEST(Status, CarriesCausesAndWhenToRetry) {
  Status s{.code = 422,
           .reason = "Invalid",
           .message = "no",
           .causes = {{"FieldValueRequired", "Required value", "spec.ports"}}};
  s.retry_after_seconds = 3;
  EXPECT_EQ(
      boost::json::serialize(to_json(s).at("details")),
      R"({"causes":[{"reason":"FieldValueRequired","message":"Required value","field":"spec.ports"}],"retryAfterSeconds":3})");
}

TEST(Status, ForbidsACollectionAndAnObject) {
  EXPECT_EQ(forbidden({"", "pods"}, "", "no").error().message, "pods is forbidden: no");
  EXPECT_EQ(forbidden({"", "pods"}, "a", "no").error().message, "pods \"a\" is forbidden: no");
}

TEST(Status, TellsSuccess) {
  EXPECT_EQ(boost::json::serialize(success({"", "pods"}, "a", "u")),
            R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success",)"
            R"("details":{"name":"a","kind":"pods","uid":"u"}})");
}

}  // namespace
}  // namespace podwire::kube
