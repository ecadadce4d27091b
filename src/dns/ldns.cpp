#include "dns/ldns.h"

#include <new>

namespace podwire::dns::ldns {
namespace {

/// What ldns makes is only ever nullptr when there is no memory.
template <class T>
T* made(T* object) {
  if (object == nullptr) throw std::bad_alloc();
  return object;
}

Rdf number(std::uint16_t value) { return Rdf(made(ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, value))); }
Rdf number(std::uint32_t value) { return Rdf(made(ldns_native2rdf_int32(LDNS_RDF_TYPE_INT32, value))); }
Rdf period(std::uint32_t value) { return Rdf(made(ldns_native2rdf_int32(LDNS_RDF_TYPE_PERIOD, value))); }

/// One field after the other, in the record's own order.
struct Fields {
  ldns_rr& record;

  void add(Rdf field) const {
    if (!ldns_rr_push_rdf(&record, field.get())) throw std::bad_alloc();
    (void)field.release();
  }

  void operator()(const IpAddr& address) const {
    const auto bytes = address.bytes();
    add(Rdf(made(ldns_rdf_new_frm_data(address.is_v4() ? LDNS_RDF_TYPE_A : LDNS_RDF_TYPE_AAAA, bytes.size(),
                                       bytes.data()))));
  }
  void operator()(const Alias& alias) const { add(name_to(alias.target)); }
  void operator()(const Pointer& pointer) const { add(name_to(pointer.target)); }
  void operator()(const NameServer& server) const { add(name_to(server.host)); }
  void operator()(const Text& text) const {
    std::string bytes(1, static_cast<char>(text.text.size()));
    bytes += text.text;
    add(Rdf(made(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, bytes.size(), bytes.data()))));
  }
  void operator()(const Srv& srv) const {
    for (const auto value : {srv.priority, srv.weight, srv.port}) add(number(value));
    add(name_to(srv.target));
  }
  void operator()(const Soa& soa) const {
    add(name_to(soa.server));
    add(name_to(soa.mailbox));
    add(number(soa.serial));
    for (const auto value : {soa.refresh, soa.retry, soa.expire, soa.minimum}) add(period(value));
  }
};

Rr new_record(const Name& owner, Type type) {
  Rr out(made(ldns_rr_new()));
  ldns_rr_set_owner(out.get(), name_to(owner).release());
  ldns_rr_set_type(out.get(), static_cast<ldns_rr_type>(type));
  ldns_rr_set_class(out.get(), LDNS_RR_CLASS_IN);
  return out;
}

}  // namespace

std::optional<Received> received(std::span<const std::byte> message) {
  if (message.size() < LDNS_HEADER_SIZE) return std::nullopt;
  const auto* wire = reinterpret_cast<const std::uint8_t*>(message.data());
  Received out{.id = LDNS_ID_WIRE(wire),
               .is_reply = LDNS_QR_WIRE(wire) != 0,
               .recursion_desired = LDNS_RD_WIRE(wire) != 0,
               .truncated = LDNS_TC_WIRE(wire) != 0,
               .opcode = static_cast<std::uint8_t>(LDNS_OPCODE_WIRE(wire)),
               .code = static_cast<std::uint8_t>(LDNS_RCODE_WIRE(wire))};
  std::size_t at = LDNS_HEADER_SIZE;
  const auto section = [&](std::vector<Rr>& into, unsigned count, ldns_pkt_section which) {
    for (unsigned i = 0; i < count; ++i) {
      ldns_rr* record = nullptr;
      if (ldns_wire2rr(&record, wire, message.size(), &at, which) != LDNS_STATUS_OK) return false;
      into.emplace_back(record);
    }
    return true;
  };
  const bool whole = section(out.question, LDNS_QDCOUNT(wire), LDNS_SECTION_QUESTION) &&
                     section(out.answer, LDNS_ANCOUNT(wire), LDNS_SECTION_ANSWER) &&
                     section(out.authority, LDNS_NSCOUNT(wire), LDNS_SECTION_AUTHORITY) &&
                     section(out.additional, LDNS_ARCOUNT(wire), LDNS_SECTION_ADDITIONAL);
  if (!whole) return std::nullopt;
  return out;
}

std::string bytes_of(const ldns_pkt& packet) {
  std::uint8_t* raw = nullptr;
  std::size_t size = 0;
  const auto status = ldns_pkt2wire(&raw, &packet, &size);
  const std::unique_ptr<std::uint8_t, Freer> bytes(raw);
  if (status != LDNS_STATUS_OK) return {};
  return {reinterpret_cast<const char*>(bytes.get()), size};
}

Name name_from(const ldns_rdf& name) {
  const std::string_view wire(reinterpret_cast<const char*>(ldns_rdf_data(&name)), ldns_rdf_size(&name));
  Name out;
  for (std::size_t at = 0; at < wire.size() && wire[at] != 0;) {
    const auto length = static_cast<unsigned char>(wire[at]);
    out.labels.emplace_back(wire.substr(at + 1, length));
    at += 1U + length;
  }
  return out;
}

Rdf name_to(const Name& name) {
  const auto wire = name.wire();
  return Rdf(made(ldns_dname_new_frm_data(static_cast<std::uint16_t>(wire.size()), wire.data())));
}

Rr record_to(const Record& record) {
  auto out = new_record(record.owner, type_of(record.data));
  ldns_rr_set_ttl(out.get(), record.ttl);
  std::visit(Fields{*out}, record.data);
  return out;
}

Rr question_to(const Question& question) {
  auto out = new_record(question.name, question.type);
  ldns_rr_set_question(out.get(), true);
  return out;
}

void push(ldns_pkt& packet, ldns_pkt_section section, Rr record) {
  if (!ldns_pkt_push_rr(&packet, section, record.get())) throw std::bad_alloc();
  (void)record.release();
}

}  // namespace podwire::dns::ldns
