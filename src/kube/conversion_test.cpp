#include "kube/conversion.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace podwire::kube {
namespace {

const Resource& core() { return *Schema::builtin().kind("v1", "Event"); }
const Resource& events() { return *Schema::builtin().kind("events.k8s.io/v1", "Event"); }
json::object parse(std::string_view text) { return json::parse(text).as_object(); }

constexpr std::string_view kCore = R"({
  "kind":"Event","apiVersion":"v1",
  "metadata":{"name":"e","managedFields":[
    {"manager":"m","apiVersion":"v1","fieldsV1":{"f:involvedObject":{},"f:message":{},"f:type":{}}}]},
  "involvedObject":{"kind":"Pod","name":"p"},"message":"text","reason":"R","type":"Normal","action":"A",
  "source":{"component":"c","host":"h"},"firstTimestamp":"2026-01-01T00:00:00Z",
  "lastTimestamp":"2026-01-02T00:00:00Z","count":3,"reportingComponent":"c","reportingInstance":"i",
  "eventTime":"2026-01-01T00:00:00.000000Z","series":{"count":2,"lastObservedTime":"2026-01-01T00:00:00.000000Z"},
  "related":{"kind":"Node"}})";
constexpr std::string_view kEvents = R"({
  "kind":"Event","apiVersion":"events.k8s.io/v1",
  "metadata":{"name":"e","managedFields":[
    {"manager":"m","apiVersion":"events.k8s.io/v1","fieldsV1":{"f:regarding":{},"f:note":{},"f:type":{}}}]},
  "regarding":{"kind":"Pod","name":"p"},"note":"text","reason":"R","type":"Normal","action":"A",
  "deprecatedSource":{"component":"c","host":"h"},"deprecatedFirstTimestamp":"2026-01-01T00:00:00Z",
  "deprecatedLastTimestamp":"2026-01-02T00:00:00Z","deprecatedCount":3,"reportingController":"c",
  "reportingInstance":"i","eventTime":"2026-01-01T00:00:00.000000Z",
  "series":{"count":2,"lastObservedTime":"2026-01-01T00:00:00.000000Z"},"related":{"kind":"Node"}})";

TEST(Conversion, EventsSayTheSameInBothForms) {
  EXPECT_EQ(from_stored(events(), parse(kCore)), parse(kEvents));
  EXPECT_EQ(to_stored(events(), parse(kEvents)), parse(kCore));
}

TEST(Conversion, TheStoredFormStaysAsItIs) {
  EXPECT_EQ(from_stored(core(), parse(kCore)), parse(kCore));
  EXPECT_EQ(to_stored(core(), parse(kCore)), parse(kCore));
}

TEST(Conversion, EveryFieldOfOneFormHasItsPlaceInTheOther) {
  json::object all;
  for (const auto& field : core().message->fields) all[field.name] = field.name;
  const auto other = from_stored(events(), all);
  for (const auto& [name, value] : other) EXPECT_NE(events().message->field(name), nullptr) << name;
  EXPECT_EQ(other.size(), events().message->fields.size());
}

TEST(Conversion, OnlyEventsAreViews) {
  for (const auto& r : Schema::builtin().resources()) EXPECT_EQ(is_view(r), &r == &events()) << r.plural;
  EXPECT_EQ(storage_of(events()).str(), "events");
  EXPECT_EQ(storage_of(*Schema::builtin().kind("apps/v1", "Deployment")).str(), "deployments.apps");
}

}  // namespace
}  // namespace podwire::kube
