#include "lab/demo.h"

#include <gtest/gtest.h>

#include <set>

#include "lab/demo_containers.h"
#include "lab/demo_encapsulation.h"
#include "lab/demo_services.h"

namespace podwire::lab {
namespace {

TEST(Demo, StepIdsAreUnique) {
  std::set<std::string> ids;
  for (const auto& step : demo_steps()) EXPECT_TRUE(ids.insert(step.id).second) << step.id;
  EXPECT_EQ(ids.size(), container_steps().size() + encapsulation_steps().size() + services_steps().size());
}

TEST(Demo, PlaysUpToTheLastStepThatIsWanted) {
  const auto steps = container_steps();
  EXPECT_EQ(steps_needed(steps, {}), steps.size());
  EXPECT_EQ(steps_needed(steps, {"host"}), 1U);
  EXPECT_EQ(steps_needed(steps, {"host", "ping"}), 5U);
  EXPECT_EQ(steps_needed(steps, {"udp"}), 0U) << "a step of the other demo";
}

}  // namespace
}  // namespace podwire::lab
