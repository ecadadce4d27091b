#include "kernel/nft/codec.h"

#include <gtest/gtest.h>
#include <linux/netfilter/nf_tables.h>

namespace podwire::kernel {
namespace {

using state::NftBytes;
using state::NftElement;
using state::NftVerdict;

const state::NftSet kSet{state::NftFamily::inet, "t", "s"};

/// The same bytes are a request of ours and an answer of the kernel's.
netlink::Writer list_of(const std::vector<NftElement>& elements, ElementPart part = ElementPart::whole) {
  netlink::Writer w;
  start_set_message(w, NFT_MSG_NEWSETELEM, 0, kSet);
  const auto list = w.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
  for (const auto& e : elements) put_element(w, e, part);
  return w;
}

std::vector<NftElement> read_all(std::span<const std::byte> bytes) {
  std::vector<NftElement> out;
  for (const auto& m : netlink::Messages(bytes)) EXPECT_TRUE(read_elements(m, out));
  return out;
}

std::vector<NftElement> samples() {
  const NftBytes key = NftBytes().addr(*IpAddr::parse("2001:db8::1")).protocol(6).port(443);
  return {{.key = key},
          {.key = key, .key_end = NftBytes(key).mark(1)},
          {.key = key, .data = NftBytes().port(8443), .comment = "net/pod/eth0"},
          {.key = key, .verdict = NftVerdict{NftVerdict::Kind::goto_, "lb-2"}},
          {.key = key, .verdict = NftVerdict{NftVerdict::Kind::drop, ""}},
          {.key = key, .timeout = std::chrono::milliseconds(1500), .comment = std::string(127, 'c')}};
}

TEST(NftCodec, ReadsWhatItWrites) { EXPECT_EQ(read_all(list_of(samples()).bytes()), samples()); }

TEST(NftCodec, ADeletionCarriesTheKeyAlone) {
  std::vector<NftElement> keys;
  for (const auto& e : samples()) keys.push_back({.key = e.key, .key_end = e.key_end});
  EXPECT_EQ(read_all(list_of(samples(), ElementPart::key_only).bytes()), keys);
}

TEST(NftCodec, ACommentIsCutToWhatTheKernelTakes) {
  const auto read =
      read_all(list_of({{.key = NftBytes().mark(1), .comment = std::string(300, 'c')}}).bytes());
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].comment, std::string(127, 'c'));
}

TEST(NftCodec, NoElementIsLargerThanTheListAllowsFor) {
  const NftElement largest{.key = NftBytes().raw(std::vector<std::byte>(64)),
                           .key_end = NftBytes().raw(std::vector<std::byte>(64)),
                           .verdict = NftVerdict{NftVerdict::Kind::goto_, std::string(255, 'n')},
                           .timeout = std::chrono::hours(1),
                           .comment = std::string(127, 'c')};
  EXPECT_LT(list_of({largest}).size() - list_of({}).size(), kLargestElement);
}

TEST(NftCodec, EndsOfPlainIntervalsAreRefusedNotMisread) {
  netlink::Writer w;
  start_set_message(w, NFT_MSG_NEWSETELEM, 0, kSet);
  {
    const auto list = w.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
    const auto element = w.nest(NFTA_LIST_ELEM);
    w.put_be(NFTA_SET_ELEM_FLAGS, std::uint32_t{NFT_SET_ELEM_INTERVAL_END});
  }
  std::vector<NftElement> out;
  const auto read = read_elements(*netlink::Messages(w.bytes()).begin(), out);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().sys_errno, EOPNOTSUPP);
}

TEST(NftCodec, ACutMessageIsNoFault) {
  const auto whole = list_of(samples());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::vector<std::byte> cut(whole.bytes().begin(),
                               whole.bytes().begin() + static_cast<std::ptrdiff_t>(length));
    if (length >= sizeof(nlmsghdr)) {  // a message that says that it ends here
      const auto claimed = static_cast<std::uint32_t>(length);
      std::memcpy(cut.data(), &claimed, sizeof claimed);
    }
    EXPECT_LE(read_all(cut).size(), samples().size());
  }
}

}  // namespace
}  // namespace podwire::kernel
