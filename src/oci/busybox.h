#pragma once
#include "base/result.h"
#include "oci/image_store.h"

namespace podwire::oci {

/// A small Linux user space out of this machine's own static busybox: /bin/busybox, a symbolic link for each
/// of its applets where that program usually lives, /etc/passwd and /etc/group, /tmp, /root and the mount
/// points. Made on first use and put into the store; another busybox (an upgrade) makes another image. Error:
/// no static busybox here ("install busybox-static").
Result<Image> busybox_image(ImageStore& store);

/// Names that mean busybox_image when no image of that name was imported: "alpine" and "busybox", any tag.
[[nodiscard]] bool means_busybox(const std::string& reference);

}  // namespace podwire::oci
