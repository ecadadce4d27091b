#include "kernel/fake/shape.h"

#include <array>
#include <optional>

#include "kernel/fake/nft_words.h"

namespace podwire::kernel::fake {
namespace {

struct FamilyName {
  state::NftFamily family;
  std::string_view name;
};
constexpr std::array kFamilies{
    FamilyName{state::NftFamily::inet, "inet"},     FamilyName{state::NftFamily::ipv4, "ip"},
    FamilyName{state::NftFamily::ipv6, "ip6"},      FamilyName{state::NftFamily::arp, "arp"},
    FamilyName{state::NftFamily::bridge, "bridge"}, FamilyName{state::NftFamily::netdev, "netdev"}};

struct Width {
  std::string_view type;
  unsigned bytes;
};
constexpr std::array kWidths{Width{"ipv4_addr", 4},    Width{"ipv6_addr", 16}, Width{"ether_addr", 6},
                             Width{"inet_service", 2}, Width{"inet_proto", 1}, Width{"mark", 4},
                             Width{"ifname", 16},      Width{"iface_index", 4}};

/// As the program `nft` reports it: a sentence, no errno.
std::unexpected<Error> refuse(std::string_view object, std::string_view why) {
  return fail("load nftables shape", object, 0, why);
}

/// One text on its way into tables. A statement a function.
class Loader {
 public:
  Loader(NftTables tables, std::string_view text) : tables_(std::move(tables)), words_(text) {}

  Result<NftTables> load() {
    for (auto word = words_.next(); !word.empty(); word = words_.next())
      if (word != NftWords::kEnd) TRY(statement(word));
    return std::move(tables_);
  }

 private:
  Result<> statement(std::string_view verb) {
    if (verb == "flush" && words_.peek() == "ruleset") tables_.clear();
    const bool bare = verb == "table";
    const bool on_table = bare || words_.peek() == "table";
    const bool adds = bare || verb == "add" || verb == "create";
    if (!on_table || (!adds && verb != "delete" && verb != "destroy")) return skip(verb);
    if (!bare) words_.next();
    const Key key = table_key();
    if (verb == "delete" && !tables_.contains(key)) return refuse(key.second, "No such file or directory");
    if (verb == "create" && tables_.contains(key)) return refuse(key.second, "File exists");
    if (adds)
      tables_[key];
    else
      tables_.erase(key);
    if (words_.peek() != "{") return skip(verb);
    words_.next();
    return table_body(tables_[key]);
  }

  using Key = NftTables::key_type;

  Key table_key() {
    const auto word = words_.next();
    for (const auto& f : kFamilies)
      if (f.name == word) return {f.family, std::string(words_.next())};
    return {state::NftFamily::ipv4, std::string(word)};
  }

  Result<> table_body(NftTable& table) {
    for (auto word = words_.next(); word != "}"; word = words_.next()) {
      if (word.empty()) return refuse("table", "syntax error, unexpected end of file");
      if (word == "set" || word == "map") {
        const std::string name(words_.next());
        const auto type = TRY(set_body(word == "map"));
        const auto [there, added] = table.sets.try_emplace(name, type);
        if (!added && there->second.type() != type) return refuse(name, "File exists");
      } else if (word != NftWords::kEnd) {
        if (word == "chain") table.chains.emplace(words_.peek());
        TRY(skip(word));
      }
    }
    return {};
  }

  Result<NftSetType> set_body(bool map) {
    NftSetType type;
    type.map = map;
    if (words_.next() != "{") return refuse("set", "syntax error");
    for (auto word = words_.next(); word != "}"; word = words_.next()) {
      if (word.empty()) return refuse("set", "syntax error, unexpected end of file");
      if (word == "timeout") type.timeouts = true;
      if (word == "type")
        element_type(type);
      else if (word == "flags")
        flags(type);
      else if (word != NftWords::kEnd)
        TRY(skip(word));
    }
    return type;
  }

  /// "ipv4_addr . inet_service : verdict". A type that is not in the table above leaves the key empty: not
  /// checked.
  void element_type(NftSetType& type) {
    std::vector<unsigned>* side = &type.key;
    bool known = true;
    for (auto word = next_in_statement(); !word.empty(); word = next_in_statement()) {
      if (word == ".") continue;
      if (word == ":") {
        side = &type.data;
      } else if (word == "verdict") {
        type.verdicts = true;
      } else if (const auto width = width_of(word)) {
        side->push_back(*width);
      } else {
        known = false;
      }
    }
    if (!known) type.key.clear();
  }

  void flags(NftSetType& type) {
    for (auto word = next_in_statement(); !word.empty(); word = next_in_statement()) {
      if (word == "timeout") type.timeouts = true;
      if (word == "interval") type.intervals = true;
    }
  }

  /// "" where the statement or the block around it ends.
  std::string_view next_in_statement() {
    const auto word = words_.peek();
    if (word == NftWords::kEnd || word == "}") return {};
    return words_.next();
  }

  static std::optional<unsigned> width_of(std::string_view type) {
    for (const auto& w : kWidths)
      if (w.type == type) return w.bytes;
    return std::nullopt;
  }

  Result<> skip(std::string_view what) {
    if (!words_.skip_statement()) return refuse(what, "syntax error, unexpected end of file");
    return {};
  }

  NftTables tables_;
  NftWords words_;
};

}  // namespace

Result<NftTables> shape(NftTables tables, std::string_view text) {
  return Loader(std::move(tables), text).load();
}

std::string_view family_word(state::NftFamily family) {
  for (const auto& f : kFamilies)
    if (f.family == family) return f.name;
  return "?";
}

}  // namespace podwire::kernel::fake
