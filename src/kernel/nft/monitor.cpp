#include "kernel/nft/monitor.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <optional>

#include "kernel/netlink/reader.h"
#include "kernel/netlink/transport.h"

namespace podwire::kernel {
namespace {

/// NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE, NFTA_SET_TABLE and NFTA_SET_ELEM_LIST_TABLE are all 1.
constexpr std::uint16_t kTableName = NFTA_TABLE_NAME;

std::optional<NftEvent> decode_event(const netlink::Message& m) {
  if (NFNL_SUBSYS_ID(m.type()) != NFNL_SUBSYS_NFTABLES) return std::nullopt;
  NftEvent out{.what = NftEvent::What::shape, .table = {}};
  switch (NFNL_MSG_TYPE(m.type())) {
    case NFT_MSG_DELTABLE:
    case NFT_MSG_DELCHAIN:
    case NFT_MSG_DELRULE:
    case NFT_MSG_DELSET:
      out.gone = true;
      break;
    case NFT_MSG_NEWTABLE:
    case NFT_MSG_NEWCHAIN:
    case NFT_MSG_NEWRULE:
    case NFT_MSG_NEWSET:
      break;
    case NFT_MSG_DELSETELEM:
      out.gone = true;
      [[fallthrough]];
    case NFT_MSG_NEWSETELEM:
      out.what = NftEvent::What::elements;
      break;
    default:
      return std::nullopt;
  }
  const auto name = m.attributes<nfgenmsg>().find(kTableName);
  if (!name) return std::nullopt;
  out.table = std::string(name->string());
  return out;
}

}  // namespace

Result<NftMonitor> NftMonitor::open(const NetNs& netns) {
  return NftMonitor(TRY(netlink::open_socket(NETLINK_NETFILTER, netns, 1U << (NFNLGRP_NFTABLES - 1))));
}

Result<std::vector<NftEvent>> NftMonitor::read() {
  netlink::ReceiveBuffer buffer;
  std::vector<NftEvent> events;
  while (true) {
    const auto datagram = TRY(netlink::receive(fd_.get(), buffer));
    if (!datagram) return events;
    for (const netlink::Message& m : netlink::Messages(*datagram)) {
      auto event = decode_event(m);
      if (event && (events.empty() || events.back() != *event)) events.push_back(std::move(*event));
    }
  }
}

}  // namespace podwire::kernel
