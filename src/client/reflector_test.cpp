#include "client/reflector.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/fake_server_testing.h"
#include "client/tasks.h"

namespace podwire::client {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string pod(std::string_view name, int revision) {
  return fmt::format(R"({{"metadata":{{"name":"{}","namespace":"d","resourceVersion":"{}"}}}})", name,
                     revision);
}
std::string event(std::string_view type, std::string_view name, int revision) {
  return fmt::format(R"({{"type":"{}","object":{}}})", type, pod(name, revision));
}
std::string bookmark(int revision) {
  return fmt::format(R"({{"type":"BOOKMARK","object":{{"metadata":{{"resourceVersion":"{}"}}}}}})", revision);
}
std::string initial_end(int revision) {
  return fmt::format(
      R"({{"type":"BOOKMARK","object":{{"metadata":{{"resourceVersion":"{}","annotations":{{"k8s.io/initial-events-end":"true"}}}}}}}})",
      revision);
}
std::string status(int code, std::string_view reason, std::string_view message = "no") {
  return fmt::format(R"({{"kind":"Status","status":"Failure","code":{},"reason":"{}","message":"{}"}})", code,
                     reason, message);
}
std::string error_event(int code, std::string_view reason, std::string_view message = "no") {
  return fmt::format(R"({{"type":"ERROR","object":{}}})", status(code, reason, message));
}
std::string list(int revision, const std::vector<std::string>& items, std::string_view token = "") {
  return fmt::format(R"({{"metadata":{{"resourceVersion":"{}","continue":"{}"}},"items":[{}]}})", revision,
                     token, fmt::join(items, ","));
}
Scripted refusal(int code, std::string_view reason, std::string_view message = "no") {
  return answer(code, status(code, reason, message));
}

/// Writes down what it is told.
class Notes final : public Sink {
 public:
  void listing() override { told.emplace_back("listing"); }
  void listed(json::object object) override { told.push_back("listed " + name(object)); }
  void replaced(std::uint64_t revision) override { told.push_back(fmt::format("replaced @{}", revision)); }
  void changed(json::object object, std::uint64_t revision) override {
    told.push_back(fmt::format("changed {} @{}", name(object), revision));
  }
  void removed(json::object object, std::uint64_t revision) override {
    told.push_back(fmt::format("removed {} @{}", name(object), revision));
  }
  void bookmark(std::uint64_t revision) override { told.push_back(fmt::format("bookmark @{}", revision)); }

  std::vector<std::string> told;

 private:
  static std::string name(const json::object& object) {
    return std::string(kube::text_in(object, "metadata", "name"));
  }
};

class ReflectorTest : public testing::Test {
 protected:
  /// Until nothing more happens, which is the end of the script; then cancels it.
  void run() {
    Reflector reflector(api_, selection_, notes_);
    Tasks tasks(io_);
    tasks.spawn(reflector.run());
    io_.restart();
    io_.poll();
    EXPECT_EQ(tasks.running(), 1U) << "a reflector does not end by itself";
    tasks.cancel();
    io_.restart();
    io_.poll();
    EXPECT_EQ(tasks.running(), 0U);
    EXPECT_EQ(server_.open_answers, 0);
  }
  /// The server begins with a WatchList of pod a, and is at revision 10.
  void begin(std::vector<Act> more) {
    std::vector<Act> acts{line(event("ADDED", "a", 7)), line(initial_end(10))};
    acts.insert(acts.end(), more.begin(), more.end());
    server_.then(stream(std::move(acts)));
  }
  static constexpr auto kBegun = {"listing", "listed a", "replaced @10"};
  /// What was told after begin()'s.
  std::vector<std::string> told_later() {
    EXPECT_GE(notes_.told.size(), 3U);
    if (notes_.told.size() < 3) return {};
    return {notes_.told.begin() + 3, notes_.told.end()};
  }
  const std::string& target(std::size_t call) { return server_.calls.at(call).target; }

  boost::asio::io_context io_;
  FakeClock clock_;
  FakeServer server_{clock_};
  Api api_{server_, kube::Schema::builtin(), "podwire-test/1", clock_};
  Selection selection_{.resource = "pods"};
  Notes notes_;
};

TEST_F(ReflectorTest, WatchListFirst) {
  selection_ = {.resource = "endpointslices.discovery.k8s.io",
                .namespace_ = "d",
                .label_selector = "app in (a,b)",
                .field_selector = "metadata.name=x"};
  begin({line(event("MODIFIED", "a", 11)), line(event("ADDED", "b", 12)), line(bookmark(15)),
         line(event("DELETED", "a", 16))});
  run();
  EXPECT_THAT(notes_.told, ElementsAre("listing", "listed a", "replaced @10", "changed a @11",
                                       "changed b @12", "bookmark @15", "removed a @16"));
  ASSERT_EQ(server_.calls.size(), 1U);
  EXPECT_EQ(server_.calls[0].method, "GET");
  EXPECT_THAT(target(0),
              AllOf(HasSubstr("/apis/discovery.k8s.io/v1/namespaces/d/endpointslices?watch=true"),
                    HasSubstr("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"),
                    HasSubstr("&allowWatchBookmarks=true"), HasSubstr("&timeoutSeconds=300"),
                    HasSubstr("&labelSelector=app%20in%20%28a%2Cb%29&fieldSelector=metadata.name%3Dx"),
                    Not(HasSubstr("resourceVersion="))));
}

TEST_F(ReflectorTest, AsksForMetadataOnly) {
  selection_.metadata_only = true;
  server_.then(refusal(422, "Invalid")).then(answer(200, list(5, {})));
  run();
  ASSERT_EQ(server_.calls.size(), 3U);
  const auto form = [this](int call) { return server_.calls[call].headers.at(0).second; };
  EXPECT_THAT(form(0), HasSubstr("as=PartialObjectMetadata;g=meta.k8s.io;v=v1"));
  EXPECT_THAT(form(1), HasSubstr("as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"));
  EXPECT_EQ(form(2), form(0));
}

TEST_F(ReflectorTest, ChangesBetweenInitialEventsComeAfterThem) {
  server_.then(
      stream({line(event("ADDED", "a", 7)), line(event("ADDED", "b", 8)), line(event("DELETED", "a", 11)),
              line(event("ADDED", "c", 12)), line(bookmark(12)), line(initial_end(12))}));
  run();
  EXPECT_THAT(notes_.told, ElementsAre("listing", "listed a", "listed b", "replaced @12", "removed a @12",
                                       "changed c @12"));
}

class WithoutWatchList : public ReflectorTest,
                         public testing::WithParamInterface<std::pair<int, const char*>> {};

TEST_P(WithoutWatchList, ListsInPagesAndWatches) {
  server_.then(refusal(GetParam().first, "Invalid", GetParam().second))
      .then(answer(200, list(20, {pod("a", 1), pod("b", 2)}, "t/1")))
      .then(answer(200, list(20, {pod("c", 3)})))
      .then(stream({line(event("ADDED", "d", 21)), line(error_event(410, "Expired"))}))
      .then(answer(200, list(30, {})));
  run();
  EXPECT_THAT(notes_.told, ElementsAre("listing", "listed a", "listed b", "listed c", "replaced @20",
                                       "changed d @21", "listing", "replaced @30"));
  ASSERT_EQ(server_.calls.size(), 6U);
  EXPECT_EQ(target(1), "/api/v1/pods?resourceVersion=0&limit=500");
  EXPECT_EQ(target(2), "/api/v1/pods?continue=t%2F1&limit=500");
  EXPECT_EQ(target(3),
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=20&timeoutSeconds=300");
  EXPECT_EQ(target(4), "/api/v1/pods?limit=500") << "from now on without WatchList";
  EXPECT_THAT(clock_.slept, ElementsAre(800ms)) << "falling back is no failure; having to list anew is";
}

INSTANTIATE_TEST_SUITE_P(Refusals, WithoutWatchList,
                         testing::Values(std::pair(422, "no"), std::pair(400, "no"),
                                         std::pair(403,
                                                   "Forbidden: sendInitialEvents is forbidden for watch")));

TEST_F(ReflectorTest, ExpiredPagesAreReadAgainInOnePiece) {
  server_.then(refusal(422, "Invalid"))
      .then(answer(200, list(20, {pod("a", 1)}, "t")))
      .then(refusal(410, "Expired"))
      .then(answer(200, list(40, {pod("b", 2)})));
  run();
  EXPECT_THAT(notes_.told, ElementsAre("listing", "listed a", "listing", "listed b", "replaced @40"));
  EXPECT_EQ(target(3), "/api/v1/pods");
  EXPECT_THAT(target(4), HasSubstr("resourceVersion=40"));
  EXPECT_THAT(clock_.slept, IsEmpty());
}

TEST_F(ReflectorTest, PagesWithoutEndAreRefused) {
  server_.then(refusal(422, "Invalid"))
      .then(answer(200, list(20, {}, "t")))
      .then(answer(200, list(20, {}, "t")))
      .then(answer(200, list(21, {})));
  run();
  EXPECT_THAT(notes_.told, ElementsAre("listing", "listing", "replaced @21"));
}

TEST_F(ReflectorTest, GoneAsAnEvent) {
  begin({line(event("ADDED", "b", 11)), line(error_event(410, "Expired", "too old resource version"))});
  begin({});
  run();
  EXPECT_THAT(told_later(), ElementsAre("changed b @11", "listing", "listed a", "replaced @10"));
  EXPECT_THAT(target(1), AllOf(HasSubstr("sendInitialEvents=true"), Not(HasSubstr("resourceVersion="))));
  EXPECT_THAT(clock_.slept, ElementsAre(800ms));
}

TEST_F(ReflectorTest, GoneAsAnAnswer) {
  begin({line(bookmark(11)), end()});
  server_.then(refusal(410, "Gone"));
  begin({});
  run();
  EXPECT_THAT(target(1), HasSubstr("resourceVersion=11"));
  EXPECT_THAT(told_later(), ElementsAre("bookmark @11", "listing", "listed a", "replaced @10"));
}

TEST_F(ReflectorTest, ServerWithAYoungerRevision) {
  begin({end()});
  server_.then(answer(
      504, R"({"kind":"Status","code":504,"reason":"Timeout","message":"Too large resource version: 10",
      "details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}]}})"));
  server_.then(stream({line(initial_end(2)), line(event("ADDED", "n", 3))}));
  run();
  EXPECT_THAT(told_later(), ElementsAre("listing", "replaced @2", "changed n @3"));
  EXPECT_THAT(target(2), Not(HasSubstr("resourceVersion=")));
}

TEST_F(ReflectorTest, OrderlyEndGoesOnAtOnce) {
  begin({line(event("ADDED", "b", 11)), line(bookmark(19)), end()});
  server_.then(stream({line(event("DELETED", "b", 20)), end()})).then(stream({line(bookmark(25))}));
  run();
  EXPECT_THAT(told_later(), ElementsAre("changed b @11", "bookmark @19", "removed b @20", "bookmark @25"));
  EXPECT_THAT(target(1), AllOf(HasSubstr("resourceVersion=19&"), Not(HasSubstr("sendInitialEvents"))));
  EXPECT_THAT(target(2), HasSubstr("resourceVersion=20&"));
  EXPECT_THAT(clock_.slept, IsEmpty());
}

TEST_F(ReflectorTest, EmptyWatchesDoNotSpin) {
  begin({end()});
  for (int i = 0; i < 4; ++i) server_.then(stream({end()}));
  run();
  EXPECT_THAT(clock_.slept, ElementsAre(800ms, 1600ms, 3200ms, 6400ms));
  EXPECT_THAT(told_later(), IsEmpty());
}

TEST_F(ReflectorTest, ResetGoesOnWhereItWas) {
  begin({line(event("ADDED", "b", 11)), bytes(R"({"type":"ADDED","object":{"meta)"), cut()});
  server_.then(stream({line(event("ADDED", "c", 12))}));
  run();
  EXPECT_THAT(told_later(), ElementsAre("changed b @11", "changed c @12"));
  EXPECT_THAT(target(1), HasSubstr("resourceVersion=11&"));
  EXPECT_THAT(clock_.slept, ElementsAre(800ms));
}

TEST_F(ReflectorTest, SilenceIsBounded) {
  begin({stall()});
  server_.then(stream({line(bookmark(11)), stall()})).then(stream({}));
  run();
  EXPECT_THAT(server_.patience, ElementsAre(30s, 30s, 330s, 330s, 330s, 330s))
      << "timeoutSeconds and a grace";
  EXPECT_THAT(target(2), HasSubstr("resourceVersion=11&"));
}

TEST_F(ReflectorTest, WatchListThatIsNotUnderstoodEndsInAList) {
  server_.then(stream({line(event("ADDED", "a", 7)), stall()}))
      .then(stream({line(event("ADDED", "a", 7)), end()}))
      .then(answer(200, list(20, {pod("a", 7)})));
  run();
  EXPECT_THAT(notes_.told, ElementsAre("listing", "listed a", "listing", "listed a", "listing", "listed a",
                                       "replaced @20"));
  EXPECT_EQ(target(2), "/api/v1/pods?resourceVersion=0&limit=500");
}

TEST_F(ReflectorTest, UnreachableServerIsTriedLessAndLessOften) {
  for (int i = 0; i < 8; ++i) server_.then(unreachable());
  begin({});
  run();
  EXPECT_THAT(clock_.slept, ElementsAre(800ms, 1600ms, 3200ms, 6400ms, 12800ms, 25600ms, 30000ms, 30000ms));
  EXPECT_THAT(notes_.told, testing::ElementsAreArray(kBegun));
}

TEST_F(ReflectorTest, RefusedCredentialsAreSaidOnce) {
  for (int i = 0; i < 3; ++i) server_.then(refusal(401, "Unauthorized", "Unauthorized"));
  server_.then(refusal(403, "Forbidden", "pods is forbidden: User x cannot list"));
  begin({});
  testing::internal::CaptureStderr();
  run();
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::ranges::count(said, '\n'), 3) << said;
  EXPECT_THAT(said, AllOf(HasSubstr("401 Unauthorized"), HasSubstr("cannot list"), HasSubstr("work again")));
  EXPECT_EQ(clock_.slept.size(), 4U);
  EXPECT_THAT(notes_.told, testing::ElementsAreArray(kBegun));
}

TEST_F(ReflectorTest, WaitsAsLongAsItIsAsked) {
  begin({end()});
  server_.then(answer(429, R"({"kind":"Status","code":429,"details":{"retryAfterSeconds":7}})"));
  run();
  EXPECT_THAT(clock_.slept, ElementsAre(7s));
}

TEST_F(ReflectorTest, OtherErrorEventsKeepTheRevision) {
  begin({line(event("ADDED", "b", 11)), line(error_event(500, "InternalError"))});
  server_.then(stream({line(bookmark(12))}));
  run();
  EXPECT_THAT(told_later(), ElementsAre("changed b @11", "bookmark @12"));
  EXPECT_THAT(target(1), HasSubstr("resourceVersion=11&"));
}

class Nonsense : public ReflectorTest, public testing::WithParamInterface<const char*> {};

TEST_P(Nonsense, IsNotBelieved) {
  begin({line(GetParam()), line(event("ADDED", "z", 99))});
  server_.then(stream({line(GetParam())})).then(stream({line(event("ADDED", "b", 11))}));
  run();
  EXPECT_THAT(told_later(), ElementsAre("changed b @11"));
  EXPECT_THAT(target(2), HasSubstr("resourceVersion=10&"));
  EXPECT_EQ(clock_.slept.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, Nonsense,
    testing::Values("x", "[]", "{}", R"({"type":"ADDED"})", "{\"type\":\"ADDED\",\"object\":[]}",
                    R"({"type":"GROWN","object":{"metadata":{"name":"n","resourceVersion":"5"}}})",
                    R"({"type":"ADDED","object":{"metadata":{"name":"n"}}})",
                    R"({"type":"ADDED","object":{"metadata":{"name":"n","resourceVersion":"-5"}}})",
                    R"({"type":"ADDED","object":{"metadata":{"resourceVersion":"5"}}})",
                    R"({"type":"BOOKMARK","object":{}})"));

TEST_F(ReflectorTest, NonsenseAgainAndAgainEndsInAList) {
  begin({line("<html>")});
  server_.then(stream({line("<html>")})).then(stream({line("<html>")}));
  server_.then(answer(200, list(20, {})));
  run();
  EXPECT_THAT(told_later(), ElementsAre("listing", "replaced @20"));
}

TEST_F(ReflectorTest, ALineWithoutEndIsCut) {
  begin({bytes(std::string(10 << 20, ' ')), bytes(std::string(10 << 20, ' ')), line("")});
  server_.then(stream({line(bookmark(11))}));
  run();
  EXPECT_THAT(told_later(), ElementsAre("bookmark @11"));
  EXPECT_EQ(clock_.slept.size(), 1U);
}

TEST_F(ReflectorTest, PiecesOfAnySize) {
  const auto all = event("ADDED", "a", 7) + "\n" + initial_end(10) + "\r\n\n" + event("ADDED", "b", 11) +
                   "\n" + event("DELETED", "b", 12) + "\n";
  for (std::size_t size = 1; size < all.size(); ++size) {
    std::vector<Act> acts;
    for (std::size_t at = 0; at < all.size(); at += size) acts.push_back(bytes(all.substr(at, size)));
    server_.then(stream(std::move(acts)));
    notes_.told.clear();
    run();
    EXPECT_THAT(told_later(), ElementsAre("changed b @11", "removed b @12")) << size;
  }
}

TEST_F(ReflectorTest, UnknownResource) {
  selection_.resource = "gadgets.example.com";
  Reflector reflector(api_, selection_, notes_);
  Tasks tasks(io_);
  tasks.spawn(reflector.run());
  for (int i = 0; i < 100; ++i) io_.poll_one();
  EXPECT_THAT(server_.calls, IsEmpty());
  EXPECT_GT(clock_.slept.size(), 3U);
}

/// Cancels a run with all that can happen after each number of steps that it may take.
TEST_F(ReflectorTest, CancelledAtAnyMoment) {
  testing::internal::CaptureStderr();  // the same again and again
  for (std::size_t steps = 0;; ++steps) {
    FakeClock clock;
    FakeServer server(clock);
    server.then(unreachable())
        .then(refusal(500, "InternalError"))
        .then(refusal(422, "Invalid"))
        .then(answer(200, list(20, {pod("a", 1)}, "t")))
        .then(refusal(410, "Expired"))
        .then(answer(200, list(20, {pod("a", 1)})))
        .then(stream({line(event("ADDED", "b", 21)), cut()}));
    Api api(server, kube::Schema::builtin(), "podwire-test/1", clock);
    boost::asio::io_context io;
    bool finished = false;
    {
      Reflector reflector(api, selection_, notes_);
      Tasks tasks(io);
      tasks.spawn(reflector.run());
      for (std::size_t i = 0; i < steps && !finished; ++i) finished = io.poll_one() == 0;
      tasks.cancel();
      io.restart();
      io.poll();
      ASSERT_EQ(tasks.running(), 0U) << steps;
    }
    ASSERT_EQ(server.open_answers, 0) << steps;
    if (!finished) continue;
    EXPECT_EQ(server.calls.size(), 8U);
    break;
  }
  testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace podwire::client
