#include "dns/message.h"

#include <algorithm>

#include "base/ascii.h"
#include "dns/ldns.h"

namespace podwire::dns {
namespace {

constexpr std::size_t kHeader = LDNS_HEADER_SIZE;
constexpr std::size_t kSmallestRecord = 12;
constexpr std::size_t kAdditional = 2;   // of a query: EDNS, a signature
constexpr std::uint8_t kBadVersion = 1;  // the upper part of BADVERS, RFC 6891

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A message to fill: a header that answers the query, and its question.
ldns::Packet reply_to(const Query& query, std::uint8_t code) {
  ldns::Packet out(ldns_pkt_new());
  ldns_pkt_set_id(out.get(), query.id);
  ldns_pkt_set_qr(out.get(), true);
  ldns_pkt_set_rd(out.get(), query.recursion_desired);
  ldns_pkt_set_ra(out.get(), true);
  ldns_pkt_set_rcode(out.get(), code);
  auto question = ldns::question_to(query.question);
  ldns_rr_set_class(question.get(), static_cast<ldns_rr_class>(query.class_));
  ldns::push(*out, LDNS_SECTION_QUESTION, std::move(question));
  if (query.udp_size) ldns_pkt_set_edns_udp_size(out.get(), kLargestUdp);
  return out;
}

/// A header alone: to what cannot be read, or is another operation.
std::string header_only(std::span<const std::byte> query, Code code) {
  std::string out(text_of(query.first(kHeader)));
  // QR; operation and "recursion desired" as asked.
  out[2] = static_cast<char>((static_cast<unsigned char>(out[2]) & 0x79U) | 0x80U);
  out[3] = static_cast<char>(0x80U | static_cast<unsigned>(code));
  std::fill(out.begin() + 4, out.end(), '\0');
  return out;
}

void cut(std::string& message) {
  message[2] = static_cast<char>(static_cast<unsigned char>(message[2]) | 2U);
}

/// The bytes of a message's one question, behind the header; empty: it is not that plain.
std::string_view question_bytes(std::span<const std::byte> message) {
  const auto text = text_of(message);
  if (text.size() < kHeader || text[4] != 0 || text[5] != 1) return {};
  std::size_t at = kHeader;
  while (at < text.size() && text[at] != 0) {
    const auto length = static_cast<unsigned char>(text[at]);
    if (length > LDNS_MAX_LABELLEN) return {};
    at += 1U + length;
  }
  const auto end = at + 5;  // the root, type and class
  return end <= text.size() ? text.substr(kHeader, end - kHeader) : std::string_view();
}

std::string filled(const Query& query, const Answer& answer, bool authoritative, std::size_t records,
                   bool with_additional) {
  const auto out = reply_to(query, static_cast<std::uint8_t>(answer.code));
  ldns_pkt_set_aa(out.get(), authoritative);
  ldns_pkt_set_tc(out.get(), records < answer.records.size());
  for (std::size_t i = 0; i < records; ++i)
    ldns::push(*out, LDNS_SECTION_ANSWER, ldns::record_to(answer.records[i]));
  for (const auto& record : answer.authority)
    ldns::push(*out, LDNS_SECTION_AUTHORITY, ldns::record_to(record));
  if (with_additional)
    for (const auto& record : answer.additional)
      ldns::push(*out, LDNS_SECTION_ADDITIONAL, ldns::record_to(record));
  return ldns::bytes_of(*out);
}

}  // namespace

std::size_t Query::udp_limit() const {
  return std::clamp<std::size_t>(udp_size.value_or(kPlainSize), kPlainSize, kLargestUdp);
}

std::expected<Query, std::string> decode(std::span<const std::byte> message) {
  if (message.size() < kHeader) return std::unexpected("");
  const auto* wire = reinterpret_cast<const std::uint8_t*>(message.data());
  if (LDNS_QR_WIRE(wire) != 0) return std::unexpected("");
  if (LDNS_OPCODE_WIRE(wire) != LDNS_PACKET_QUERY)
    return std::unexpected(header_only(message, Code::not_implemented));
  const auto malformed = [&] { return std::unexpected(header_only(message, Code::format_error)); };
  // Before anything is read that could be long: a question has no answers.
  if (LDNS_ANCOUNT(wire) != 0 || LDNS_NSCOUNT(wire) != 0 || LDNS_ARCOUNT(wire) > kAdditional)
    return malformed();
  if (question_bytes(message).empty()) return malformed();
  const auto in = ldns::received(message);
  if (!in) return malformed();
  const auto& question = *in->question.front();
  Query out{.id = in->id,
            .recursion_desired = in->recursion_desired,
            .question = {ldns::name_from(*ldns_rr_owner(&question)),
                         static_cast<Type>(ldns_rr_get_type(&question))},
            .class_ = static_cast<std::uint16_t>(ldns_rr_get_class(&question))};
  for (const auto& record : in->additional) {
    if (ldns_rr_get_type(record.get()) != LDNS_RR_TYPE_OPT) continue;
    if (out.udp_size) return malformed();  // RFC 6891, 6.1.1
    out.udp_size = static_cast<std::uint16_t>(ldns_rr_get_class(record.get()));
    constexpr unsigned kVersionShift = 16;
    if ((ldns_rr_ttl(record.get()) >> kVersionShift & 0xffU) == 0) continue;
    const auto reply = reply_to(out, 0);
    ldns_pkt_set_edns_extended_rcode(reply.get(), kBadVersion);
    return std::unexpected(ldns::bytes_of(*reply));
  }
  return out;
}

std::string encode(const Query& query, const Answer& answer, bool authoritative, std::size_t limit) {
  const auto fits = [&](const std::string& bytes) { return !bytes.empty() && bytes.size() <= limit; };
  // More records than that cannot fit; the search below then costs no more than its result.
  std::size_t none = std::min(answer.records.size(), limit / kSmallestRecord) + 1;
  if (none > answer.records.size()) {
    for (const bool with_additional : {true, false})
      if (auto whole = filled(query, answer, authoritative, answer.records.size(), with_additional);
          fits(whole))
        return whole;
    none = answer.records.size();
  }
  std::size_t some = 0;
  auto best = filled(query, answer, authoritative, some, false);
  while (some + 1 < none) {
    const auto middle = some + (none - some) / 2;
    if (auto bytes = filled(query, answer, authoritative, middle, false); fits(bytes)) {
      some = middle;
      best = std::move(bytes);
    } else {
      none = middle;
    }
  }
  return best;
}

std::string encode(const Query& query, Code code) {
  return ldns::bytes_of(*reply_to(query, static_cast<std::uint8_t>(code)));
}

std::string encode(const Question& question, std::uint16_t id) {
  const ldns::Packet out(ldns_pkt_new());
  ldns_pkt_set_id(out.get(), id);
  ldns_pkt_set_rd(out.get(), true);
  ldns::push(*out, LDNS_SECTION_QUESTION, ldns::question_to(question));
  ldns_pkt_set_edns_udp_size(out.get(), kLargestUdp);
  return ldns::bytes_of(*out);
}

bool answers(std::span<const std::byte> reply, std::span<const std::byte> query) {
  const auto got = question_bytes(reply);
  const auto asked = question_bytes(query);
  if (got.empty() || !same_ignoring_case(got, asked)) return false;
  const auto reply_text = text_of(reply);
  return (static_cast<unsigned char>(reply_text[2]) & 0x80U) != 0 &&
         reply_text.starts_with(text_of(query).substr(0, 2));
}

std::string with_id(std::string message, std::uint16_t id) {
  message[0] = static_cast<char>(id >> 8U);
  message[1] = static_cast<char>(id & 0xffU);
  return message;
}

std::string within(std::string reply, const Query& query, std::size_t limit) {
  if (reply.size() > limit) {
    reply = encode(query, Code::no_error);
    cut(reply);
  }
  return with_id(std::move(reply), query.id);
}

std::string join(const Query& query, const Answer& alias, std::span<const std::byte> reply,
                 std::size_t limit) {
  auto in = ldns::received(reply);
  if (!in) return encode(query, Code::server_failure);
  const auto out = reply_to(query, in->code);
  ldns_pkt_set_tc(out.get(), in->truncated);
  for (const auto& record : alias.records) ldns::push(*out, LDNS_SECTION_ANSWER, ldns::record_to(record));
  for (auto& record : in->answer) ldns::push(*out, LDNS_SECTION_ANSWER, std::move(record));
  for (auto& record : in->authority) ldns::push(*out, LDNS_SECTION_AUTHORITY, std::move(record));
  auto bytes = ldns::bytes_of(*out);
  if (!bytes.empty() && bytes.size() <= limit) return bytes;
  bytes = encode(query, {.records = alias.records}, false, limit);
  cut(bytes);
  return bytes;
}

}  // namespace podwire::dns
