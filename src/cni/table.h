#pragma once
#include <vector>

#include "cni/attachment.h"
#include "cni/elements.h"
#include "cni/error.h"
#include "kernel/host.h"

namespace podwire::cni {

/// Adds an attachment's elements in one transaction; loads shape.nft first when the table is not there yet.
/// Code 101 when another container has published one of the ports (its owner is named).
CniResult<> add_elements(kernel::Nft& nft, const Attachment& attachment);
/// Removes those of `elements` that are there AND carry our comment: an old DEL never takes a newer owner's
/// away.
Result<> remove_elements(kernel::Nft& nft, const std::vector<OwnedElement>& elements);
/// The first of these that is not in the table as it should be; nullopt: all are there.
Result<std::optional<OwnedElement>> missing_element(kernel::Nft& nft,
                                                    const std::vector<OwnedElement>& elements);

}  // namespace podwire::cni
