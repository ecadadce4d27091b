#include "lab/cluster/footloose.h"

#include <gmock/gmock.h>

#include "client/yaml_reader.h"

namespace podwire::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Footloose> parse(std::string_view yaml) {
  return footloose_from(client::json_from_yaml(yaml).value());
}

std::string refusal(std::string_view yaml) {
  const auto got = parse(yaml);
  return got ? "accepted" : got.error().message();
}

TEST(Footloose, CountsMachinesAndNamesWhatItIgnores) {
  const auto got = parse(
      "cluster:\n  name: talk\n  privateKey: cluster-key\n"
      "machines:\n"
      "- count: 3\n  spec:\n    image: some/image:1\n    name: node%d\n    privileged: true\n"
      "    portMappings:\n    - containerPort: 22\n"
      "- count: 1\n  spec:\n    image: some/image:1\n    name: extra\n");
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->name, "talk");
  EXPECT_THAT(got->machines, ElementsAre("node0", "node1", "node2", "extra"));
  EXPECT_THAT(got->ignored, ElementsAre("cluster.privateKey", "machines[].spec.image",
                                        "machines[].spec.privileged", "machines[].spec.portMappings"));
}

TEST(Footloose, EachGroupIsCountedFromZero) {
  const auto got =
      parse("machines:\n- count: 1\n  spec: {name: master%d}\n- count: 2\n  spec: {name: worker%d}\n");
  ASSERT_TRUE(got);
  EXPECT_THAT(got->machines, ElementsAre("master0", "worker0", "worker1"));
  EXPECT_EQ(got->name, "");
}

TEST(Footloose, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(refusal("[]"), HasSubstr("an object with cluster and machines"));
  EXPECT_THAT(refusal("cluster: {}"), HasSubstr("machines: a list"));
  EXPECT_THAT(refusal("machines: []"), HasSubstr("there is not one"));
  EXPECT_THAT(refusal("machines:\n- count: many\n  spec: {name: a}\n"), HasSubstr("machines[0].count"));
  EXPECT_THAT(refusal("machines:\n- count: -1\n  spec: {name: a}\n"), HasSubstr("machines[0].count"));
  EXPECT_THAT(refusal("machines:\n- count: 2\n"), HasSubstr("machines[0].spec"));
  EXPECT_THAT(refusal("machines:\n- spec: {}\n"), HasSubstr("machines[0].spec.name"));
  EXPECT_THAT(refusal("machines:\n- count: 2\n  spec: {name: node}\n"), HasSubstr("put %d into the name"));
  EXPECT_THAT(refusal("machines:\n- count: 2\n  spec: {name: node%d%d}\n"), HasSubstr("no other %"));
  EXPECT_THAT(refusal("machines:\n- count: 2\n  spec: {name: node%s}\n"), HasSubstr("no other %"));
  EXPECT_THAT(refusal("cluster: {name: [1]}\nmachines: []\n"), HasSubstr("cluster.name"));
}

}  // namespace
}  // namespace podwire::lab
