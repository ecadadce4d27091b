#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/spawn.h"
#include "kernel/host.h"
#include "lab/machine.h"
#include "lab/wire.h"

namespace podwire::lab {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class LabMachine : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  static Machine start(const std::string& name) {
    auto machine = Machine::start(name);
    EXPECT_TRUE(machine) << machine.error().message();
    return std::move(*machine);
  }
  static std::string output(const Machine& machine, std::vector<std::string> argv) {
    auto ran = machine.run(std::move(argv));
    EXPECT_TRUE(ran) << ran.error().message();
    EXPECT_EQ(ran->status, 0) << ran->err;
    return ran->out;
  }
  static std::string inode(const std::string& path) {
    char target[64] = {};
    EXPECT_GT(::readlink(path.c_str(), target, sizeof target - 1), 0) << path;
    return target;
  }
};

TEST_F(LabMachine, HasNamespacesOfItsOwn) {
  const auto machine = start("m1");
  for (const std::string kind : {"net", "mnt", "pid", "uts", "ipc"})
    EXPECT_NE(output(machine, {"readlink", "/proc/self/ns/" + kind}), inode("/proc/self/ns/" + kind) + "\n")
        << kind;
  EXPECT_EQ(output(machine, {"hostname"}), "m1\n");
  EXPECT_EQ(output(machine, {"ls", "-A", "/run"}), "");
  EXPECT_EQ(output(machine, {"ls", "/sys/class/net"}), "lo\n");
}

TEST_F(LabMachine, PassesOutputInputAndStatus) {
  const auto machine = start("m1");
  const auto ran =
      run(machine.inside({.argv = {"sh", "-c", "cat; echo bad >&2; exit 7"}, .env = {}, .input = "hello"}));
  ASSERT_TRUE(ran) << ran.error().message();
  EXPECT_EQ(ran->out, "hello");
  EXPECT_EQ(ran->err, "bad\n");
  EXPECT_EQ(ran->status, 7);
  EXPECT_FALSE(machine.run({"no-such-program-anywhere"}));
}

TEST_F(LabMachine, SeesOnlyItsOwnProcesses) {
  const auto machine = start("m1");
  EXPECT_EQ(output(machine, {"cat", "/proc/1/comm"}), "m1\n");
  EXPECT_NE(output(machine, {"sh", "-c", "echo $$"}), std::to_string(::getpid()) + "\n");
}

TEST_F(LabMachine, KeepsFilesOfItsOwnThatWeCanReach) {
  const auto machine = start("m1");
  output(machine, {"sh", "-c", "echo kept > /run/note"});
  const auto note = read_file(machine.outside_path("/run/note"));
  ASSERT_TRUE(note) << note.error().message();
  EXPECT_EQ(*note, "kept\n");
  EXPECT_FALSE(file_exists("/run/note"));
}

TEST_F(LabMachine, StopKillsWhatRunsInside) {
  auto machine = start("m1");
  const auto child = spawn(machine.inside({.argv = {"sleep", "1000"}, .env = {}, .input = {}}), {});
  ASSERT_TRUE(child) << child.error().message();
  const auto stopped = machine.stop();
  EXPECT_TRUE(stopped) << stopped.error().message();
  const auto status = wait_for(*child);
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, 128 + SIGKILL);
  EXPECT_TRUE(machine.stop()) << "a second stop has nothing to do";
}

TEST_F(LabMachine, EndsWithTheOneWhoStartedIt) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t starter = ::fork();
  if (starter == 0) {
    auto machine = Machine::start("m1");
    const bool ok =
        machine && machine->run({"sh", "-c", "sleep 1000 >/dev/null 2>&1 </dev/null &"}).has_value();
    const auto init = ok ? read_file(machine->outside_path("/proc/1/comm")) : std::string();
    [[maybe_unused]] const auto n = ::write(pipe[1], ok && init ? "y" : "n", 1);
    ::raise(SIGKILL);
  }
  ::close(pipe[1]);
  char answer = 0;
  EXPECT_EQ(::read(pipe[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  ::waitpid(starter, nullptr, 0);
  // Every process of the machine held the pipe's write end or was started by one that closed it: none may
  // live on.
  char rest = 0;
  EXPECT_EQ(::read(pipe[0], &rest, 1), 0);
  ::close(pipe[0]);
  // The killed one's cgroup is swept by the next start.
  const auto next = start("m2");
  const auto mount = cgroup2_mount(*read_file("/proc/self/mountinfo"));
  if (mount.empty()) return;
  const auto own = cgroup2_path(*read_file("/proc/self/cgroup"));
  EXPECT_THAT(*list_directory(mount + own),
              Not(testing::Contains(testing::StartsWith("podwire-lab-" + std::to_string(starter) + "-"))));
}

/// A directory on a tmpfs, which overlays can have their upper layers on.
class LabMachineDisk : public LabMachine {
 protected:
  void SetUp() override {
    LabMachine::SetUp();
    if (IsSkipped()) return;
    directory_ = "/dev/shm/podwire-disk-test-" + std::to_string(::getpid());
    ASSERT_TRUE(make_directories(directory_));
  }
  void TearDown() override {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }
  [[nodiscard]] Machine start_with_disk() const {
    auto disk = MachineDisk::open(directory_);
    EXPECT_TRUE(disk) << disk.error().message();
    auto machine = Machine::start("m1", &*disk);
    EXPECT_TRUE(machine) << machine.error().message();
    return std::move(*machine);
  }
  std::string directory_;
};

TEST_F(LabMachineDisk, KeepsWhatWasWrittenAndChangesNothingOutside) {
  std::string boot;
  {
    const auto machine = start_with_disk();
    EXPECT_EQ(
        output(machine, {"sh", "-c", "ls -A /var/lib/podwire /etc/cni /opt/cni | grep -v : | tr -d '\\n'"}),
        "");
    output(
        machine,
        {"sh", "-c",
         "for d in /etc /opt /var/log /var/lib/podwire /etc/cni /opt/cni; do echo x >$d/podwire-test; done"});
    boot = output(machine, {"cat", "/proc/sys/kernel/random/boot_id"});
    EXPECT_NE(boot, *read_file("/proc/sys/kernel/random/boot_id"));
    EXPECT_EQ(*read_file(MachineDisk::outside_path(directory_, "/var/log/podwire-test")), "x\n");
    EXPECT_EQ(*read_file(MachineDisk::outside_path(directory_, "/var/lib/podwire/podwire-test")), "x\n");
  }
  const auto again = start_with_disk();
  for (const std::string d : {"/etc", "/opt", "/var/log", "/var/lib/podwire", "/etc/cni", "/opt/cni"}) {
    EXPECT_EQ(output(again, {"cat", d + "/podwire-test"}), "x\n");
    EXPECT_FALSE(file_exists(d + "/podwire-test"));
  }
  EXPECT_NE(output(again, {"cat", "/proc/sys/kernel/random/boot_id"}), boot) << "it was started anew";
}

TEST_F(LabMachine, IsEnteredByItsFirstProcess) {
  const auto machine = start("m1");
  const auto command =
      inside_machine(machine.pid(), {.argv = {"sh", "-c", "hostname; readlink /proc/self/ns/cgroup"}});
  ASSERT_TRUE(command) << command.error().message();
  const auto ran = run(*command);
  ASSERT_TRUE(ran) << ran.error().message();
  EXPECT_EQ(ran->out, output(machine, {"sh", "-c", "hostname; readlink /proc/self/ns/cgroup"}));
  EXPECT_FALSE(inside_machine(0, {.argv = {"true"}}));
}

TEST_F(LabMachine, RefusesAnUnusableName) {
  for (const auto* name : {"", "Upper", "a/b", "sixteen-letters-"}) {
    const auto machine = Machine::start(name);
    ASSERT_FALSE(machine) << name;
    EXPECT_EQ(machine.error().sys_errno, EINVAL);
  }
}

TEST_F(LabMachine, TwoOnAWireReachEachOther) {
  const auto a = start("a");
  const auto b = start("b");
  auto wire = Wire::create();
  ASSERT_TRUE(wire) << wire.error().message();
  const auto plug_a = wire->plug(a.netns(), "eth0", *Cidr::parse("192.0.2.1/24"), "a");
  ASSERT_TRUE(plug_a) << plug_a.error().message();
  const auto plug_b = wire->plug(b.netns(), "eth0", *Cidr::parse("192.0.2.2/24"), "b");
  ASSERT_TRUE(plug_b) << plug_b.error().message();
  EXPECT_THAT(output(a, {"busybox", "ping", "-c", "1", "-W", "2", "192.0.2.2"}),
              HasSubstr("1 packets received"));

  auto rtnl = kernel::real_host().rtnl(a.netns());
  ASSERT_TRUE(rtnl);
  const auto neighbours = (*rtnl)->neighbours(Family::v4, plug_a->link_index);
  ASSERT_TRUE(neighbours);
  ASSERT_EQ(neighbours->size(), 1U);
  EXPECT_EQ(neighbours->front().mac, plug_b->mac);

  auto again = wire->plug(a.netns(), "eth0", *Cidr::parse("192.0.2.3/24"), "c");
  ASSERT_FALSE(again) << "eth0 is taken";
  EXPECT_EQ(again.error().sys_errno, EEXIST);
}

}  // namespace
}  // namespace podwire::lab
