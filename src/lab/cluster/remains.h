#pragma once
#include "base/result.h"
#include "lab/cluster/files.h"

namespace podwire::lab {

/// What a lab leaves behind when its keeper was killed: its files, and cgroups that have nobody in them. The
/// rest (processes, namespaces, mounts, links) ended with the keeper. Nothing of a lab that lives is touched
/// by remove_remains() as long as its caller holds the lab's lock. Success when there is nothing.
Result<> remove_remains(const LabFiles& files);
/// Of these the files, but for the directory and the lock.
Result<> remove_files(const LabFiles& files);

}  // namespace podwire::lab
