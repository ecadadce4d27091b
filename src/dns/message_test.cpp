#include "dns/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/zone_testing.h"

namespace podwire::dns::test {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

unsigned at(std::string_view message, std::size_t offset) {
  return static_cast<unsigned char>(message[offset]);
}
unsigned two(std::string_view message, std::size_t offset) {
  return at(message, offset) << 8U | at(message, offset + 1);
}
unsigned code_of(std::string_view message) { return at(message, 3) & 15U; }
bool truncated(std::string_view message) { return (at(message, 2) & 2U) != 0; }
unsigned records_in(std::string_view message) { return two(message, 6); }

constexpr std::string_view kOpt("\0\0\x29\x10\0\0\0\0\0\0\0", 11);  // 4096 bytes, version 0

/// A query by hand, so that nobody marks his own work.
std::string query(std::string_view text, std::uint16_t type = 1, std::string_view additional = {}) {
  std::string out("\x12\x34\x01\0\0\1\0\0\0\0\0", 11);
  out += additional.empty() ? '\0' : '\1';
  out += name(text).wire();
  out += {static_cast<char>(type >> 8U), static_cast<char>(type & 255U), '\0', '\1'};
  return out.append(additional);
}

std::string answer_with(std::size_t records) {
  Answer answer;
  for (std::size_t i = 0; i < records; ++i)
    answer.records.push_back(
        {name("pg.db.svc.cluster.local"), IpAddr::from_value(Family::v4, 0x0af40000 + i)});
  return encode(*decode(bytes(query("pg.db.svc.cluster.local"))), answer, true, kPlainSize);
}

TEST(Message, AQueryIsRead) {
  const auto got = decode(bytes(query("wEb.default.svc.cluster.local", 28)));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->id, 0x1234);
  EXPECT_TRUE(got->recursion_desired);
  EXPECT_EQ(got->question.type, Type::aaaa);
  EXPECT_EQ(got->question.name.str(), "wEb.default.svc.cluster.local");
  EXPECT_FALSE(got->udp_size);
  EXPECT_EQ(got->udp_limit(), 512U);
}

TEST(Message, EdnsSaysHowMuchFits) {
  EXPECT_EQ(decode(bytes(query("a", 1, kOpt)))->udp_limit(), 1232U);
  EXPECT_EQ(decode(bytes(query("a", 1, std::string_view("\0\0\x29\0\x10\0\0\0\0\0\0", 11))))->udp_limit(),
            512U);
  EXPECT_EQ(decode(bytes(query("a", 1, std::string_view("\0\0\x29\3\0\0\0\0\0\0\0", 11))))->udp_limit(),
            768U);
}

TEST(Message, WhoSpeaksEdnsIsAnsweredWithIt) {
  const auto plain = encode(*decode(bytes(query("a"))), Code::no_such_name);
  const auto edns = encode(*decode(bytes(query("a", 1, kOpt))), Code::no_such_name);
  EXPECT_EQ(two(plain, 10), 0U);
  EXPECT_EQ(two(edns, 10), 1U);
  EXPECT_EQ(two(edns, edns.size() - 8), 1232U);
}

TEST(Message, AnotherVersionOfEdnsIsRefused) {
  const auto got = decode(bytes(query("a", 1, std::string_view("\0\0\x29\x10\0\0\1\0\0\0\0", 11))));
  ASSERT_FALSE(got);
  EXPECT_EQ(code_of(got.error()), 0U);
  EXPECT_EQ(at(got.error(), got.error().size() - 6), 1U);  // BADVERS' upper part
  EXPECT_EQ(at(got.error(), got.error().size() - 5), 0U);  // and what we speak
}

TEST(Message, WhatIsMalformedIsSaidToBe) {
  const auto good = query("web.default", 1, kOpt);
  for (std::size_t size = 12; size < good.size(); ++size) {
    const auto got = decode(bytes(good).first(size));
    ASSERT_FALSE(got) << size;
    EXPECT_EQ(got.error().size(), 12U);
    EXPECT_EQ(code_of(got.error()), 1U);
    EXPECT_EQ(two(got.error(), 0), 0x1234U);
  }
  auto no_question = query("a");
  no_question[5] = 0;
  auto two_questions = query("a");
  two_questions[5] = 2;
  auto an_answer = query("a");
  an_answer[7] = 1;
  const std::string pointer = query("a").substr(0, 12) + std::string("\xc0\x0c\0\1\0\1", 6);
  auto two_opts = query("a", 1, std::string(kOpt) + std::string(kOpt));
  two_opts[11] = 2;
  for (const auto& bad : {no_question, two_questions, an_answer, pointer, two_opts}) {
    ASSERT_FALSE(decode(bytes(bad)));
    EXPECT_EQ(code_of(decode(bytes(bad)).error()), 1U);
  }
}

TEST(Message, OtherOperationsAreNotThere) {
  auto update = query("a");
  update[2] = 0x28;
  const auto got = decode(bytes(update));
  ASSERT_FALSE(got);
  EXPECT_EQ(code_of(got.error()), 4U);
  EXPECT_EQ(at(got.error(), 2), 0xa8U);
}

TEST(Message, NothingIsSaidToAnswersAndScraps) {
  auto reply = query("a");
  reply[2] = static_cast<char>(0x81);
  EXPECT_EQ(decode(bytes(reply)).error(), "");
  EXPECT_EQ(decode(bytes(std::string(11, 'x'))).error(), "");
  EXPECT_EQ(decode({}).error(), "");
}

TEST(Message, AnAnswerHasTheQuestionInItsOwnCase) {
  const auto asked = query("wEb.cluster.LOCAL");
  const auto reply = encode(*decode(bytes(asked)),
                            {.records = {{name("web.cluster.local"), addr("10.96.0.1")}}}, true, kPlainSize);
  EXPECT_EQ(reply.substr(12, asked.size() - 12), asked.substr(12));
  EXPECT_EQ(at(reply, 2), 0x85U);  // an answer, authoritative, recursion was desired
  EXPECT_EQ(at(reply, 3), 0x80U);  // and is to be had
  EXPECT_EQ(reply.substr(asked.size()), std::string("\xc0\x0c\0\1\0\1\0\0\0\5\0\4\x0a\x60\0\1", 16));
}

TEST(Message, EveryTypeIsWrittenAsItsRfcSays) {
  const auto q = *decode(bytes(query("a")));
  const auto data_of = [&](Data data) {
    const auto reply = encode(q, {.records = {{name("a"), std::move(data)}}}, true, kPlainSize);
    return reply.substr(query("a").size() + 12);
  };
  EXPECT_EQ(data_of(addr("fd00::1")), std::string("\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16));
  EXPECT_EQ(data_of(Alias{name("b.c")}), std::string("\1b\1c\0", 5));
  EXPECT_EQ(data_of(Pointer{name("b")}), std::string("\1b\0", 3));
  EXPECT_EQ(data_of(NameServer{name("b")}), std::string("\1b\0", 3));
  EXPECT_EQ(data_of(Text{"1.1.0"}), std::string("\5"
                                                "1.1.0"));
  EXPECT_EQ(data_of(Srv{1, 2, 80, name("b")}), std::string("\0\1\0\2\0\x50\1b\0", 9));
  EXPECT_EQ(data_of(Soa{name("b"), name("c"), 1, 2, 3, 4, 5}),
            std::string("\1b\0\1c\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 26));
}

TEST(Message, WhatIsTooLongIsCutAndSaysSo) {
  const auto fits = answer_with(29);  // 12 + 29 of the question + 16 each
  EXPECT_FALSE(truncated(fits));
  EXPECT_EQ(records_in(fits), 29U);
  for (const std::size_t records : {30U, 43U, 44U, 5000U}) {
    const auto cut = answer_with(records);
    EXPECT_TRUE(truncated(cut)) << records;
    EXPECT_EQ(records_in(cut), 29U) << records;
    EXPECT_LE(cut.size(), kPlainSize);
  }
}

TEST(Message, AdditionalRecordsAreLeftOutWithoutAWord) {
  Answer answer{.records = {{name("a"), Srv{.port = 80, .target = name("b")}}}};
  for (unsigned i = 0; i < 40; ++i)
    answer.additional.push_back({name("b"), IpAddr::from_value(Family::v4, i)});
  const auto q = *decode(bytes(query("a", 33)));
  const auto small = encode(q, answer, true, kPlainSize);
  EXPECT_FALSE(truncated(small));
  EXPECT_EQ(records_in(small), 1U);
  EXPECT_EQ(two(small, 10), 0U);
  EXPECT_EQ(two(encode(q, answer, true, kLargestTcp), 10), 40U);
}

TEST(Message, TcpTakesAsManyAsAMessageMay) {
  Answer answer;
  for (unsigned i = 0; i < 5000; ++i)
    answer.records.push_back({name("pg.db"), IpAddr::from_value(Family::v4, i)});
  const auto q = *decode(bytes(query("pg.db")));
  const auto reply = encode(q, answer, true, kLargestTcp);
  EXPECT_LE(reply.size(), kLargestTcp);
  EXPECT_TRUE(truncated(reply));  // 80,000 bytes
  EXPECT_GT(records_in(reply), 4000U);
}

TEST(Message, OnlyTheAnswerToOurQuestionIsOne) {
  const auto asked = encode(Question{name("www.example.com"), Type::a}, 0x4321);
  auto reply = asked;
  reply[2] = static_cast<char>(0x81);
  EXPECT_TRUE(answers(bytes(reply), bytes(asked)));
  EXPECT_FALSE(answers(bytes(asked), bytes(asked)));  // a question
  EXPECT_FALSE(answers(bytes(with_id(reply, 0x4322)), bytes(asked)));
  auto other = encode(Question{name("www.example.org"), Type::a}, 0x4321);
  other[2] = static_cast<char>(0x81);
  EXPECT_FALSE(answers(bytes(other), bytes(asked)));
  EXPECT_FALSE(answers(bytes(reply).first(20), bytes(asked)));
}

TEST(Message, AnAliasAndWhatItLeadsToAreOneAnswer) {
  const auto q = *decode(bytes(query("away.default")));
  const Answer alias{.records = {{name("away.default"), Alias{name("www.example.com")}}}};
  auto upstream = query("www.example.com");
  upstream[2] = static_cast<char>(0x81);
  upstream[7] = 1;
  upstream += std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc6\x33\x64\1", 16);
  const auto reply = join(q, alias, bytes(upstream), kPlainSize);
  EXPECT_EQ(code_of(reply), 0U);
  EXPECT_EQ(records_in(reply), 2U);
  EXPECT_TRUE(reply.ends_with(std::string("\xc6\x33\x64\1", 4)));
  EXPECT_EQ(two(reply, 0), 0x1234U);
  EXPECT_EQ(code_of(join(q, alias, bytes(upstream).first(30), kPlainSize)), 2U);
}

TEST(Message, AnUpstreamsLongAnswerIsCut) {
  const auto q = *decode(bytes(query("www.example.com")));
  const auto cut = within(std::string(600, 'x'), q, kPlainSize);
  EXPECT_TRUE(truncated(cut));
  EXPECT_EQ(records_in(cut), 0U);
  EXPECT_EQ(two(cut, 0), 0x1234U);
  EXPECT_EQ(within(std::string(100, 'x'), q, kPlainSize).substr(2), std::string(98, 'x'));
}

}  // namespace
}  // namespace podwire::dns::test
