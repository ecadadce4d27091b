#pragma once
#include <string_view>

#include "kernel/fake/namespace.h"

namespace podwire::kernel::fake {

/// What `tables` become when `nft -f` loads this text, as one transaction. Understands what a shape needs:
/// tables (also add, create, delete, destroy, flush), chains, declarations of sets and maps with their type
/// and flags; skips rules, defines and comments. Elements inside a shape are skipped too. Errors have a
/// sentence but no errno, as from the program: a set that is there with another type, a table to be deleted
/// that is not there, text that does not end where it should.
Result<NftTables> shape(NftTables tables, std::string_view text);

/// "inet", "ip", "ip6", "arp", "bridge", "netdev".
[[nodiscard]] std::string_view family_word(state::NftFamily family);

}  // namespace podwire::kernel::fake
