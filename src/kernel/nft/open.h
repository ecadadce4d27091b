#pragma once
#include <memory>

#include "base/result.h"
#include "kernel/netns/netns.h"
#include "kernel/nft/nft.h"

namespace podwire::kernel {

/// nf_tables of `netns`, which only has to live during this call.
Result<std::unique_ptr<Nft>> open_nft(const NetNs& netns);

}  // namespace podwire::kernel
