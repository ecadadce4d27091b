#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "dns/message.h"
#include "dns/zone.h"

/// Any bytes are a query or are refused; every answer is within its limit and answers that query. The same
/// bytes are also what another server might say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace podwire::dns;
  static const Zone zone(*Name::parse("cluster.local"), {*podwire::IpAddr::parse("10.96.0.10")});
  const auto message = std::as_bytes(std::span(data, size));
  const Query asked{.id = 1, .question = {*Name::parse("away.default.svc.cluster.local"), Type::a}};
  const Answer alias{.records = {{asked.question.name, Alias{*Name::parse("www.example.com")}}}};
  if (join(asked, alias, message, kPlainSize).size() > kPlainSize) std::abort();

  const auto query = decode(message);
  if (!query) return 0;
  const auto answer = zone.answer(query->question);
  const auto limit = query->udp_limit();
  const auto reply = answer ? encode(*query, *answer, true, limit) : encode(*query, Code::refused);
  if (reply.size() > limit || !answers(std::as_bytes(std::span(reply)), message)) std::abort();
  return 0;
}
