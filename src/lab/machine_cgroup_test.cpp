#include "lab/machine_cgroup.h"

#include <gtest/gtest.h>

namespace podwire::lab {
namespace {

TEST(MachineCgroup, FindsTheMountOnHybridAndUnifiedSystems) {
  EXPECT_EQ(cgroup2_mount("25 20 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
                          "30 25 0:27 / /sys/fs/cgroup/cpu rw,nosuid - cgroup cgroup rw,cpu\n"
                          "35 25 0:32 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n"),
            "/sys/fs/cgroup/unified");
  EXPECT_EQ(cgroup2_mount("30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"),
            "/sys/fs/cgroup");
}

TEST(MachineCgroup, FindsNoMountWhereThereIsNone) {
  EXPECT_EQ(cgroup2_mount(""), "");
  EXPECT_EQ(cgroup2_mount("30 25 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\nbroken line\n"), "");
}

TEST(MachineCgroup, ReadsOurOwnPath) {
  EXPECT_EQ(cgroup2_path("9:name=systemd:/x\n0::/user.slice/run-1.scope\n"), "/user.slice/run-1.scope");
  EXPECT_EQ(cgroup2_path("1:cpu:/\n"), "/");
}

}  // namespace
}  // namespace podwire::lab
