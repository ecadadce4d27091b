#pragma once
#include <map>
#include <string>

#include "kernel/rtnl/monitor.h"
#include "state/network.h"

namespace podwire::apply {

/// Names of links by their index.
using LinkNames = std::map<int, std::string>;

/// Whether an event says that the kernel holds something else than `known`. `links`: those that `known` is
/// about. What a link carries besides (pods' neighbours, others' routes) is nobody's contradiction. A change
/// of a link below always is one: the kernel takes routes away with a link without a word. Pure.
[[nodiscard]] bool contradicts(const state::Network& known, const LinkNames& links,
                               const kernel::RtnlEvent& event);

}  // namespace podwire::apply
