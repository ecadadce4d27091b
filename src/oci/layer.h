#pragma once
#include "base/result.h"
#include "base/unique_fd.h"
#include "oci/tar_reader.h"

namespace podwire::oci {

/// Applies one layer of an image to the tree below `root`: members are made, those that are there are
/// replaced, whiteouts
/// (".wh.NAME", ".wh..wh..opq") take away what earlier layers made. Applying all layers in order to one tree
/// needs no mount and gets right what layers kept apart cannot: a member whose directory an earlier layer
/// made a symbolic link.
///
/// Nothing leaves the tree, whatever the archive says: a path with ".." is refused, a leading "/" means the
/// tree's own root, and every directory and link target is resolved with `root` as "/". Owners and device
/// nodes need root; without it everything belongs to us and devices are refused. Source: OCI image-spec
/// "layer.md".
Result<> apply_layer(TarReader& layer, Fd root);

}  // namespace podwire::oci
