#include "kernel/netlink/extack.h"

#include <fmt/format.h>

#include <cerrno>

namespace podwire::kernel::netlink {
namespace {

/// The type of the attribute at `offset` of the message with this sequence number.
std::optional<unsigned> attribute_at(std::span<const std::byte> request, std::uint32_t sequence,
                                     std::uint32_t offset) {
  for (const Message& m : Messages(request)) {
    if (m.sequence() != sequence || offset < sizeof(nlmsghdr)) continue;
    const std::size_t in_payload = offset - sizeof(nlmsghdr);
    if (in_payload >= m.payload().size()) continue;
    if (const auto header = Attribute(0, m.payload().subspan(in_payload)).as<nlattr>())
      return header->nla_type & NLA_TYPE_MASK;
  }
  return std::nullopt;
}

Attributes extended_ack(const Message& message) {
  if (message.type() == NLMSG_DONE) return message.attributes<int>();
  if (message.payload().size() < sizeof(nlmsgerr)) return {};
  auto rest = message.payload().subspan(sizeof(nlmsgerr));
  if ((message.flags() & NLM_F_CAPPED) == 0) {  // the refused message is repeated in full
    const std::size_t original = message.fixed<nlmsgerr>()->msg.nlmsg_len;
    const std::size_t skip = original < sizeof(nlmsghdr) ? 0 : NLMSG_ALIGN(original - sizeof(nlmsghdr));
    if (skip > rest.size()) return {};
    rest = rest.subspan(skip);
  }
  return Attributes(rest);
}

void say(std::string& detail, std::string_view more) {
  if (!detail.empty()) detail += "; ";
  detail += more;
}

}  // namespace

Verdict read_verdict(const Message& message, std::span<const std::byte> request) {
  const auto status = message.fixed<int>();  // also the first field of nlmsgerr
  constexpr int kLastErrno = 4095;           // linux/err.h MAX_ERRNO
  if (!status || *status > 0 || *status < -kLastErrno)
    return {
        .sequence = message.sequence(), .sys_errno = EBADMSG, .detail = "the kernel's answer makes no sense"};
  Verdict verdict{.sequence = message.sequence(), .sys_errno = -*status};
  if ((message.flags() & NLM_F_ACK_TLVS) == 0 || verdict.sys_errno == 0) return verdict;
  for (const Attribute& a : extended_ack(message)) {
    switch (a.type()) {
      case NLMSGERR_ATTR_MSG:
        verdict.text = a.string();
        say(verdict.detail, verdict.text);
        break;
      case NLMSGERR_ATTR_OFFS: {
        verdict.offset = a.value<std::uint32_t>();
        if (const auto type = attribute_at(request, verdict.sequence, verdict.offset))
          say(verdict.detail, fmt::format("attribute type {} at byte {}", *type, verdict.offset));
        break;
      }
      case NLMSGERR_ATTR_MISS_TYPE:
        say(verdict.detail, fmt::format("attribute type {} is missing", a.value<std::uint32_t>()));
        break;
      default:
        break;
    }
  }
  return verdict;
}

}  // namespace podwire::kernel::netlink
