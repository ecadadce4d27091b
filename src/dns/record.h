#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/addr.h"
#include "dns/name.h"

namespace podwire::dns {

/// The types that this zone has; a question may be about any other number.
enum class Type : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  txt = 16,
  aaaa = 28,
  srv = 33,
  any = 255
};

/// RFC 1035's and RFC 6891's numbers.
enum class Code : std::uint8_t {
  no_error = 0,
  format_error = 1,
  server_failure = 2,
  no_such_name = 3,
  not_implemented = 4,
  refused = 5
};

/// A question of class IN.
struct Question {
  Name name;
  Type type = Type::a;
  friend bool operator==(const Question&, const Question&) = default;
};

struct Alias {
  Name target;
  friend bool operator==(const Alias&, const Alias&) = default;
};
struct Pointer {
  Name target;
  friend bool operator==(const Pointer&, const Pointer&) = default;
};
struct NameServer {
  Name host;
  friend bool operator==(const NameServer&, const NameServer&) = default;
};
struct Text {
  std::string text;  ///< at most 255 bytes
  friend bool operator==(const Text&, const Text&) = default;
};
struct Srv {
  std::uint16_t priority = 0, weight = 100, port = 0;
  Name target;
  friend bool operator==(const Srv&, const Srv&) = default;
};
struct Soa {
  Name server, mailbox;
  std::uint32_t serial = 0, refresh = 7200, retry = 1800, expire = 86400, minimum = 5;
  friend bool operator==(const Soa&, const Soa&) = default;
};

/// What one record says; an address is an A or an AAAA.
using Data = std::variant<IpAddr, Alias, Pointer, NameServer, Text, Srv, Soa>;
[[nodiscard]] Type type_of(const Data& data);

struct Record {
  Name owner;
  Data data;
  std::uint32_t ttl = 5;
  friend bool operator==(const Record&, const Record&) = default;
};

/// What a zone has to say. No records and no_error: the name is there, but has nothing of that type (NODATA).
struct Answer {
  Code code = Code::no_error;
  std::vector<Record> records, authority, additional;
  friend bool operator==(const Answer&, const Answer&) = default;
};

}  // namespace podwire::dns
