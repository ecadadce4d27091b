#pragma once
#include "base/result.h"
#include "lab/cluster/files.h"
#include "lab/cluster/node.h"
#include "lab/cluster/settings.h"

namespace podwire::lab {

/// Becomes the process that a lab lives in: makes it, keeps its programs running, and does what it is asked
/// for on its control socket (see control.h), until it is told to take the lab down. The lab ends with this
/// process, however that ends; only files and empty cgroups may then be left, for remove_remains().
/// Descriptor 0 is the first connection of the control socket, of the one who wants the lab: when it is
/// closed before the lab is ready, nobody wants it any more. Changes the process for good (mount namespace).
/// Errors: what kept the lab from being made; they are told on descriptor 0 as well.
Result<> keep_lab(const LabSettings& settings, const LabFiles& files, const Programs& programs);

}  // namespace podwire::lab
