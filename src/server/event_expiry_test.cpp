#include "server/event_expiry.h"

#include "server/registry_testing.h"

namespace podwire::server {
namespace {

using namespace std::chrono_literals;

class EventExpiryTest : public RegistryTest {
 protected:
  void tell(const std::string& name, const std::string& ns = "default") {
    const auto made = wait(registry_->create(
        resource("Event"), {ns, ""},
        json::parse(R"({"metadata":{"name":")" + name + R"("},"involvedObject":{"kind":"Pod","namespace":")" +
                    ns + R"("},"reason":"R","type":"Normal"})")
            .as_object(),
        {.manager = "test"}, {}));
    ASSERT_TRUE(made.has_value()) << made.error().message;
  }
  std::vector<std::string> left() {
    run();
    std::vector<std::string> out;
    const auto page = store_->list({.resource = "events", .ns = std::nullopt, .after = std::nullopt});
    for (const auto& item : page->items) out.push_back(item->key.name);
    return out;
  }
  using Names = std::vector<std::string>;

  EventExpiry expiry_{*store_, [this] { return now_; }, {.keep = 1h, .most = 3, .at_once = 2}};
};

TEST_F(EventExpiryTest, AnHourAfterItWasWrittenLast) {
  tell("a");
  now_ += 30min;
  tell("b");
  now_ += 30min;
  expiry_.sweep();
  EXPECT_EQ(left(), Names{"b"});
  ASSERT_TRUE(change("Event", "b", [](json::object& o) { o["count"] = 2; }).has_value());
  now_ += 45min;
  expiry_.sweep();
  EXPECT_EQ(left(), Names{"b"}) << "it was told again";
  now_ += 15min;
  expiry_.sweep();
  EXPECT_EQ(left(), Names{});
  EXPECT_EQ(expiry_.size(), 0U);
}

TEST_F(EventExpiryTest, FewAtOnce) {
  for (const auto* name : {"a", "b", "c"}) tell(name);
  now_ += 1h;
  expiry_.sweep();
  EXPECT_EQ(left(), Names{"c"});
  expiry_.sweep();
  EXPECT_EQ(left(), Names{});
}

TEST_F(EventExpiryTest, TheOldestGoWhereThereAreTooMany) {
  tell("z", "kube-system");
  for (const auto* name : {"f", "e", "d", "c", "b", "a"}) tell(name);
  EXPECT_EQ(left(), (Names{"a", "b", "c", "z"}));
}

TEST_F(EventExpiryTest, AfterARestartTheirOwnTimesCount) {
  tell("a");
  now_ += 50min;
  EventExpiry again(*store_, [this] { return now_; }, {.keep = 1h, .most = 3, .at_once = 2});
  now_ += 10min;
  again.sweep();
  EXPECT_EQ(left(), Names{});
}

TEST_F(EventExpiryTest, OthersMayDeleteThemToo) {
  tell("a");
  ASSERT_TRUE(remove("Event", "a").has_value());
  run();
  EXPECT_EQ(expiry_.size(), 0U);
}

}  // namespace
}  // namespace podwire::server
