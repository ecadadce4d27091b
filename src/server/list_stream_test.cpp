#include "server/list_stream.h"

#include "server/registry_testing.h"

namespace podwire::server {
namespace {

class ListStreamTest : public RegistryTest {
 protected:
  std::vector<std::string> pieces(Form form, std::size_t max, std::string_view token = "") {
    const auto page = store_->list({.resource = "configmaps", .ns = "default", .after = std::nullopt});
    ListStream list({.resource = &resource("ConfigMap"), .form = form}, *page, token, now_);
    std::vector<std::string> out;
    for (bool more = true; more;) {
      std::string piece;
      more = list.fill(piece, max);
      out.push_back(std::move(piece));
    }
    return out;
  }
  static std::string joined(const std::vector<std::string>& pieces) {
    std::string out;
    for (const auto& piece : pieces) out += piece;
    return out;
  }
};

TEST_F(ListStreamTest, PiecesMakeTheWhole) {
  for (const auto* name : {"a", "b", "c"})
    ASSERT_TRUE(create("ConfigMap", R"({"metadata":{"name":")" + std::string(name) + R"("}})").has_value());
  for (const auto form : {Form::object, Form::table, Form::partial}) {
    const auto whole = pieces(form, std::string::npos);
    ASSERT_EQ(whole.size(), 1U);
    const auto many = pieces(form, 1);
    EXPECT_GT(many.size(), 3U);
    EXPECT_EQ(joined(many), whole.front());
    const auto list = json::parse(whole.front()).as_object();
    EXPECT_EQ(list.at(form == Form::table ? "rows" : "items").as_array().size(), 4U);
  }
  EXPECT_EQ(
      kube::text_in(json::parse(joined(pieces(Form::object, 1, "next"))).as_object(), "metadata", "continue"),
      "next");
}

TEST_F(ListStreamTest, AnEmptyListIsOne) {
  const auto page = store_->list({.resource = "pods", .ns = std::nullopt, .after = std::nullopt});
  ListStream list({.resource = &resource("Pod")}, *page, "", now_);
  std::string out;
  EXPECT_FALSE(list.fill(out, 1));
  const auto parsed = json::parse(out).as_object();
  EXPECT_EQ(kube::text_in(parsed, "kind"), "PodList");
  EXPECT_TRUE(parsed.at("items").as_array().empty());
}

}  // namespace
}  // namespace podwire::server
