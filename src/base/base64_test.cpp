#include "base/base64.h"

#include <gtest/gtest.h>

namespace podwire {
namespace {

TEST(Base64, HasTheVectorsOfRfc4648) {
  constexpr std::pair<std::string_view, std::string_view> kVectors[] = {{"", ""},
                                                                        {"f", "Zg=="},
                                                                        {"fo", "Zm8="},
                                                                        {"foo", "Zm9v"},
                                                                        {"foob", "Zm9vYg=="},
                                                                        {"fooba", "Zm9vYmE="},
                                                                        {"foobar", "Zm9vYmFy"},
                                                                        {"\xff\xfe\xfd", "//79"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, RefusesWhatIsNotWhole) {
  for (const std::string_view text :
       {"Z", "Zg=", "Zg", "Zm9v=", "Zm9v\n", "Z===", "====", "Zm-_", "Zg==Zg=="})
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
}

TEST(Base64, KeepsEveryByte) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(base64_decode(base64_encode(all)), all);
}

TEST(Base64Url, IsForUrls) {
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
  EXPECT_EQ(base64url_decode("-_8"), "\xfb\xff");
  EXPECT_EQ(base64url_decode(""), "");
  for (const std::string_view text : {"-_9", "+/8", "-_8=", "A", "AA AA", "AAAAA"})
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
}

}  // namespace
}  // namespace podwire
