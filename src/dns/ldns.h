#pragma once
#include <stdbool.h>  // NOLINT: before ldns, which else makes a type named bool of its own
// clang-format off
#include <ldns/ldns.h>
// clang-format on

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dns/record.h"

/// libldns' types with owners. Only message*.cpp include this.
namespace podwire::dns::ldns {

struct Freer {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
  void operator()(ldns_rdf* field) const { ldns_rdf_deep_free(field); }
  void operator()(std::uint8_t* bytes) const { std::free(bytes); }  // NOLINT: malloc'ed by ldns
};
using Packet = std::unique_ptr<ldns_pkt, Freer>;
using Rr = std::unique_ptr<ldns_rr, Freer>;
using Rdf = std::unique_ptr<ldns_rdf, Freer>;

/// A message that came. Not ldns' own reader of whole messages: it loses memory where one has two signatures.
struct Received {
  std::uint16_t id = 0;
  bool is_reply = false, recursion_desired = false, truncated = false;
  std::uint8_t opcode = 0, code = 0;
  std::vector<Rr> question, answer, authority, additional;
};
/// nullopt: no whole DNS message.
[[nodiscard]] std::optional<Received> received(std::span<const std::byte> message);

/// With compressed names. Empty: cannot be written (more than 64 KiB).
[[nodiscard]] std::string bytes_of(const ldns_pkt& packet);

[[nodiscard]] Name name_from(const ldns_rdf& name);
[[nodiscard]] Rdf name_to(const Name& name);
[[nodiscard]] Rr record_to(const Record& record);
[[nodiscard]] Rr question_to(const Question& question);

/// The section takes the record.
void push(ldns_pkt& packet, ldns_pkt_section section, Rr record);

}  // namespace podwire::dns::ldns
