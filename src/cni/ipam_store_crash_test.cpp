#include <fcntl.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <random>

#include "cni/ipam_store.h"
#include "cni/ipam_testing.h"

// No address is given twice and none is lost, whichever process is killed when.
namespace podwire::cni {
namespace {

using plan::RangeSet;
using testing::IsEmpty;

const Owner kAlice{"alice", "eth0"}, kBob{"bob", "eth0"};
// Eight addresses of each family.
const std::vector<RangeSet> kSmall{{range_of("10.1.0.0/24", "10.1.0.2", "10.1.0.9")},
                                   {range_of("fd00::/64", "fd00::2", "fd00::9")}};

IpamStore store_in(const TemporaryDirectory& dir, std::string boot = "boot-1") {
  return {dir.path(), "net", {.boot_id = std::move(boot), .durability = Durability::until_reboot}};
}

enum class Ending { finished, killed, not_permitted };

/// Runs `work` in a child that is killed when it has entered or left `stops` system calls.
Ending run_and_kill(int stops, const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(77);
    ::raise(SIGSTOP);
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) return Ending::not_permitted;
  for (int i = 0; i < stops; ++i) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) return Ending::finished;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return Ending::killed;
}

/// Everybody else takes what there is, until the pools are full: each address once, none that was held
/// before.
void fill_and_check(const TemporaryDirectory& dir, const std::string& who,
                    const std::string& boot = "boot-1") {
  auto store = store_in(dir, boot);
  std::set<IpAddr> seen;
  for (const auto& r : store.reservations().value())
    if (r.boot_id == boot) EXPECT_TRUE(seen.insert(r.addr).second);
  for (int i = 0; i < 20; ++i) {
    const auto got = store.reserve({who + std::to_string(i), "eth0"}, kSmall, {});
    if (!got) break;
    for (const auto& choice : *got)
      EXPECT_TRUE(seen.insert(choice.addr).second) << choice.addr.str() << " is given twice";
  }
  EXPECT_EQ(store.free_in_fullest(kSmall).value(), 0U);
}

/// `prepare`, then `work` killed after 1, 2, 3... stops until it gets through, then `check`.
void at_every_system_call(const std::function<void(const TemporaryDirectory&)>& prepare,
                          const std::function<void(const TemporaryDirectory&)>& work,
                          const std::function<void(const TemporaryDirectory&)>& check) {
  int kills = 0;
  for (int stops = 1; stops < 5000; ++stops) {
    const TemporaryDirectory dir;
    prepare(dir);
    const auto ending = run_and_kill(stops, [&] { work(dir); });
    if (ending == Ending::not_permitted)
      GTEST_SKIP() << "this machine does not let a process trace its child";
    SCOPED_TRACE("killed at stop " + std::to_string(stops));
    check(dir);
    if (testing::Test::HasFailure()) return;
    if (ending == Ending::finished) {
      EXPECT_GT(kills, 20);  // it was the real thing that was traced
      return;
    }
    ++kills;
  }
  FAIL() << "did not come to its end";
}

TEST(IpamStoreCrash, ReserveKilledAnywhereLosesNothing) {
  at_every_system_call([](const auto& dir) { ASSERT_TRUE(store_in(dir).reserve(kBob, kSmall, {})); },
                       [](const auto& dir) { (void)store_in(dir).reserve(kAlice, kSmall, {}); },
                       [](const auto& dir) {
                         ASSERT_EQ(store_in(dir).addresses_of(kBob).value().size(), 2U);
                         fill_and_check(dir, "first");
                         // DEL cleans up what the killed ADD left, and all of it can be given again.
                         store_in(dir).release(kAlice).value();
                         for (const auto& name : left_in(store_in(dir).directory()))
                           EXPECT_EQ(name.find("alice"), std::string::npos) << name;
                         EXPECT_THAT(store_in(dir).addresses_of(kAlice).value(), IsEmpty());
                         fill_and_check(dir, "second");
                         EXPECT_EQ(store_in(dir).reservations().value().size(), 16U);
                       });
}

TEST(IpamStoreCrash, TheFirstReserveOfAllKilledAnywhere) {
  at_every_system_call(
      [](const auto&) {}, [](const auto& dir) { (void)store_in(dir).reserve(kAlice, kSmall, {}); },
      [](const auto& dir) {
        const auto again = store_in(dir).reserve(kAlice, kSmall, {});
        ASSERT_TRUE(again) << again.error().msg;
        EXPECT_EQ(store_in(dir).reservations().value().size(), 2U);  // the same, not two more
        store_in(dir).collect_garbage({}).value();
        EXPECT_THAT(left_in(store_in(dir).directory()), IsEmpty());
      });
}

TEST(IpamStoreCrash, DelAloneCleansUpAfterAKilledReserve) {
  at_every_system_call([](const auto&) {},
                       [](const auto& dir) { (void)store_in(dir).reserve(kAlice, kSmall, {}); },
                       [](const auto& dir) {
                         store_in(dir).release(kAlice).value();
                         EXPECT_THAT(left_in(store_in(dir).directory()), IsEmpty());
                       });
}

TEST(IpamStoreCrash, ReleaseKilledAnywhereCanBeRepeated) {
  at_every_system_call(
      [](const auto& dir) {
        ASSERT_TRUE(store_in(dir).reserve(kBob, kSmall, {}));
        ASSERT_TRUE(store_in(dir).reserve(kAlice, kSmall, {}));
      },
      [](const auto& dir) { (void)store_in(dir).release(kAlice); },
      [](const auto& dir) {
        fill_and_check(dir, "first");
        store_in(dir).release(kAlice).value();
        EXPECT_THAT(store_in(dir).addresses_of(kAlice).value(), IsEmpty());
        for (const auto& name : left_in(store_in(dir).directory()))
          EXPECT_EQ(name.find("alice"), std::string::npos) << name;
        fill_and_check(dir, "second");
      });
}

TEST(IpamStoreCrash, TheSweepAfterARebootKilledAnywhereIsRepeated) {
  at_every_system_call(
      [](const auto& dir) {
        for (const auto* id : {"a", "b", "c"}) ASSERT_TRUE(store_in(dir).reserve({id, "eth0"}, kSmall, {}));
      },
      [](const auto& dir) { (void)store_in(dir, "boot-2").reserve(kAlice, kSmall, {}); },
      [](const auto& dir) {
        fill_and_check(dir, "first", "boot-2");
        store_in(dir, "boot-2").release(kAlice).value();  // perhaps half a reservation
        fill_and_check(dir, "second", "boot-2");
        const auto all = store_in(dir, "boot-2").reservations().value();
        EXPECT_EQ(all.size(), 16U);
        for (const auto& r : all) EXPECT_EQ(r.boot_id, "boot-2") << r.addr.str();
      });
}

TEST(IpamStoreCrash, GarbageCollectionKilledAnywhereIsRepeated) {
  at_every_system_call(
      [](const auto& dir) {
        for (const auto* id : {"a", "b", "bob"}) ASSERT_TRUE(store_in(dir).reserve({id, "eth0"}, kSmall, {}));
      },
      [](const auto& dir) { (void)store_in(dir).collect_garbage({kBob}); },
      [](const auto& dir) {
        ASSERT_EQ(store_in(dir).addresses_of(kBob).value().size(), 2U);
        store_in(dir).collect_garbage({kBob}).value();
        EXPECT_EQ(left_in(store_in(dir).directory()).size(), 4U);  // Bob's two addresses and his notes
      });
}

/// One holder of an address at a time: an open file that is flocked while the address is in use. A kill lets
/// go of it.
class InUse {
 public:
  InUse(const TemporaryDirectory& dir, const IpAddr& address)
      : fd_(::open((dir.path() + "/use-" + address.str()).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}
  ~InUse() { ::close(fd_); }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;
  [[nodiscard]] bool alone() const { return ::flock(fd_, LOCK_EX | LOCK_NB) == 0; }

 private:
  int fd_;
};

/// Reserves, uses and releases; exit status 1 when somebody else uses the same address.
void live(const TemporaryDirectory& dir, const std::string& name, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const Owner owner{name + "-" + std::to_string(i), "eth0"};
    const auto got = store_in(dir).reserve(owner, kSmall, {}, std::chrono::seconds(0));
    if (!got) {
      if (got.error().code != Code::try_again_later) ::_exit(2);
      continue;  // the pool is full of what was killed
    }
    {
      const InUse v4(dir, got->at(0).addr), v6(dir, got->at(1).addr);
      if (!v4.alone() || !v6.alone()) ::_exit(1);
      ::usleep(200);
    }
    if (!store_in(dir).release(owner)) ::_exit(3);
  }
  ::_exit(0);
}

TEST(IpamStoreCrash, EightProcessesNeverShareAnAddress) {
  const TemporaryDirectory dir;
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = ::fork();
    if (child == 0) live(dir, "p" + std::to_string(i), 50);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  EXPECT_THAT(left_in(store_in(dir).directory()), IsEmpty());
}

TEST(IpamStoreCrash, KillsAtRandomMomentsLeaveNothingForGood) {
  const TemporaryDirectory dir;
  std::mt19937 random(7);
  std::map<pid_t, int> alive;
  const auto start = [&](int number) {
    const pid_t child = ::fork();
    if (child == 0) live(dir, "k" + std::to_string(number), 1'000'000);
    alive[child] = number;
  };
  for (int i = 0; i < 4; ++i) start(i);
  for (int kills = 0; kills < 100; ++kills) {
    ::usleep(random() % 4000);
    auto it = alive.begin();
    std::advance(it, random() % alive.size());
    const pid_t victim = it->first;
    alive.erase(it);
    ::kill(victim, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(victim, &status, 0), victim);
    EXPECT_TRUE(WIFSIGNALED(status)) << "ended by itself with " << WEXITSTATUS(status);
    // The runtime's DEL for a container that died, now and then; the rest waits for the garbage collection.
    if (kills % 3 == 0)
      for (const auto& r : store_in(dir).reservations().value())
        if (std::ranges::none_of(alive, [&](const auto& a) {
              return r.owner.container_id.starts_with("k" + std::to_string(a.second) + "-");
            }))
          store_in(dir).release(r.owner).value();
    start(4 + kills);
  }
  for (const auto& [child, number] : alive) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  store_in(dir).collect_garbage({}).value();
  EXPECT_THAT(left_in(store_in(dir).directory()), IsEmpty());
  EXPECT_EQ(store_in(dir).free_in_fullest(kSmall).value(), 8U);
}

}  // namespace
}  // namespace podwire::cni
