#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>

#include "dns/record.h"

/// DNS messages as they are on the wire, by libldns. Pure. Messages are bytes in strings.
namespace podwire::dns {

inline constexpr std::size_t kPlainSize = 512;    ///< of a UDP answer to who does not speak EDNS
inline constexpr std::size_t kLargestUdp = 1232;  ///< of any UDP answer: passes every link unfragmented
inline constexpr std::size_t kLargestTcp = 65535;

/// A question as it came.
struct Query {
  std::uint16_t id = 0;
  bool recursion_desired = false;
  std::optional<std::uint16_t> udp_size;  ///< who asks speaks EDNS, and takes so much
  Question question;
  std::uint16_t class_ = 1;  ///< IN; we know nothing of others

  /// How large a UDP answer may be.
  [[nodiscard]] std::size_t udp_limit() const;
};

/// The query, or what to answer instead, in bytes: FORMERR, NOTIMP, BADVERS. Nothing at all is answered
/// (empty) to what is too short, and to answers: so that two servers never talk to each other.
[[nodiscard]] std::expected<Query, std::string> decode(std::span<const std::byte> message);

/// The answer to a query, at most `limit` bytes: of what is too long it has the records that fit, and says so
/// (TC). Additional records are left out first, without a word.
[[nodiscard]] std::string encode(const Query& query, const Answer& answer, bool authoritative,
                                 std::size_t limit);
/// An answer that is nothing but its code.
[[nodiscard]] std::string encode(const Query& query, Code code);

/// A question for another server.
[[nodiscard]] std::string encode(const Question& question, std::uint16_t id);

/// Whether the bytes answer that query: same id, same question.
[[nodiscard]] bool answers(std::span<const std::byte> reply, std::span<const std::byte> query);
/// The same message under another id. Precondition: at least a header.
[[nodiscard]] std::string with_id(std::string message, std::uint16_t id);
/// Another server's answer, as it goes to who asked us: whole if it is within the limit, else only its header
/// and question, with TC.
[[nodiscard]] std::string within(std::string reply, const Query& query, std::size_t limit);
/// An answer that ends in an alias, and another server's answer about what that leads to, as one.
[[nodiscard]] std::string join(const Query& query, const Answer& alias, std::span<const std::byte> reply,
                               std::size_t limit);

}  // namespace podwire::dns
