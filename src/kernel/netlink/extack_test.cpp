#include "kernel/netlink/extack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <climits>

#include "kernel/netlink/writer.h"

namespace podwire::kernel::netlink {
namespace {
using testing::HasSubstr;

constexpr std::uint16_t kFlags = NLM_F_ACK_TLVS | NLM_F_CAPPED;

Writer refusal(int error, std::uint16_t flags = kFlags, std::uint32_t original_length = 16) {
  Writer w;
  w.message(NLMSG_ERROR, flags, nlmsgerr{.error = error, .msg = {.nlmsg_len = original_length}}, 5);
  return w;
}

Verdict read(const Writer& w, std::span<const std::byte> request = {}) {
  return read_verdict(*Messages(w.bytes()).begin(), request);
}

TEST(Extack, ZeroIsAnAcknowledgement) {
  const auto v = read(refusal(0));
  EXPECT_EQ(v.sequence, 5u);
  EXPECT_EQ(v.sys_errno, 0);
  EXPECT_EQ(v.detail, "");
}

TEST(Extack, TheKernelsWordsAndTheAttributeTheyAreAbout) {
  Writer request;
  request.message(16, 0, 5);
  request.put(1, std::uint32_t{0});
  const auto second = static_cast<std::uint32_t>(request.size());
  request.put(33, std::uint32_t{0});

  auto w = refusal(-EINVAL);
  w.put_string(NLMSGERR_ATTR_MSG, "Nexthop has invalid gateway");
  w.put(NLMSGERR_ATTR_OFFS, second);
  const auto v = read(w, request.bytes());
  EXPECT_EQ(v.sys_errno, EINVAL);
  EXPECT_EQ(v.text, "Nexthop has invalid gateway");
  EXPECT_EQ(v.offset, second);
  EXPECT_EQ(v.detail, "Nexthop has invalid gateway; attribute type 33 at byte 24");
}

TEST(Extack, OffsetsThatPointNowhereAreLeftOut) {
  Writer request;
  request.message(16, 0, 5);
  request.put(1, std::uint32_t{0});
  for (const std::uint32_t offset : {0u, 15u, 22u, 24u, 25u, 0xffff'ffffu}) {
    auto w = refusal(-EINVAL);
    w.put(NLMSGERR_ATTR_OFFS, offset);
    EXPECT_EQ(read(w, request.bytes()).detail, "") << offset;
    EXPECT_EQ(read(w).detail, "") << "no request at all";
  }
}

TEST(Extack, WhatIsMissing) {
  auto w = refusal(-EINVAL);
  w.put(NLMSGERR_ATTR_MISS_TYPE, std::uint32_t{7});
  EXPECT_EQ(read(w).detail, "attribute type 7 is missing");
}

TEST(Extack, BehindARepeatedRequest) {
  auto w = refusal(-EPERM, NLM_F_ACK_TLVS, 16 + 8);
  w.append(std::uint64_t{0});
  w.put_string(NLMSGERR_ATTR_MSG, "no");
  EXPECT_EQ(read(w).detail, "no");
}

TEST(Extack, ARepeatedRequestThatIsNotThere) {
  for (const std::uint32_t length : {0u, 15u, 1000u, 0xffff'ffffu, 0x8000'0000u}) {
    auto w = refusal(-EPERM, NLM_F_ACK_TLVS, length);
    w.put_string(NLMSGERR_ATTR_MSG, "no");
    EXPECT_EQ(read(w).sys_errno, EPERM) << length;
  }
}

TEST(Extack, TheEndOfADumpCarriesWordsToo) {
  Writer w;
  w.message(NLMSG_DONE, NLM_F_ACK_TLVS, 5);
  w.append(-ENOENT);
  w.put_string(NLMSGERR_ATTR_MSG, "FIB table does not exist");
  const auto v = read(w);
  EXPECT_EQ(v.sys_errno, ENOENT);
  EXPECT_EQ(v.detail, "FIB table does not exist");
}

TEST(Extack, NonsenseIsEBADMSG) {
  Writer empty;
  empty.message(NLMSG_ERROR, 0, 5);
  EXPECT_EQ(read(empty).sys_errno, EBADMSG);
  EXPECT_EQ(read(refusal(INT_MIN)).sys_errno, EBADMSG);
  EXPECT_EQ(read(refusal(17)).sys_errno, EBADMSG) << "errors are negative";
}

TEST(Extack, EveryTruncationIsRead) {
  auto w = refusal(-EINVAL);
  w.put_string(NLMSGERR_ATTR_MSG, "words");
  const auto whole = Messages(w.bytes()).begin()->payload();
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    const auto v = read_verdict(Message({.nlmsg_type = NLMSG_ERROR, .nlmsg_flags = kFlags}, cut));
    EXPECT_EQ(v.sys_errno, n < sizeof(int) ? EBADMSG : EINVAL);
  }
}

}  // namespace
}  // namespace podwire::kernel::netlink
