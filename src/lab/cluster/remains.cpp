#include "lab/cluster/remains.h"

#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "lab/machine_cgroup.h"

namespace podwire::lab {

Result<> remove_files(const LabFiles& files) {
  if (const auto cgroup = read_file(files.cgroup()); cgroup && !cgroup->empty())
    sweep_machine_cgroups(*cgroup);
  ErrorList errors;
  for (const auto& name : TRY(list_directory(files.directory))) {
    const auto path = files.directory + "/" + name;
    if (path == files.lock()) continue;
    if (path == files.disks()) {
      if (::rmdir(path.c_str()) != 0 && errno != ENOENT)
        errors.add({.verb = "remove", .object = path, .sys_errno = errno, .detail = {}});
    } else {
      errors.check(remove_file(path));
    }
  }
  return errors.result();
}

Result<> remove_remains(const LabFiles& files) {
  TRY(remove_files(files));
  TRY(remove_file(files.lock()));
  if (::rmdir(files.directory.c_str()) != 0 && errno != ENOENT) return fail("remove", files.directory, errno);
  // The directory of all labs goes with the last one.
  const auto labs = files.directory.substr(0, files.directory.rfind('/'));
  if (::rmdir(labs.c_str()) != 0 && errno != ENOENT && errno != ENOTEMPTY) return fail("remove", labs, errno);
  return {};
}

}  // namespace podwire::lab
