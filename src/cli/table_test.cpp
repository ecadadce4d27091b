#include "cli/table.h"

#include <gtest/gtest.h>

namespace podwire::cli {
namespace {

TEST(Table, AlignsColumnsAndLeavesNoBlanksBehind) {
  Table table({"NAME", "DRIVER"});
  table.add({"docker0", "bridge"});
  table.add({"a", ""});
  table.add({"b"});
  EXPECT_EQ(table.str(), "NAME      DRIVER\ndocker0   bridge\na\nb\n");
}

TEST(Table, HeadersAloneStillSayWhatIsMissing) { EXPECT_EQ(Table({"A", "B"}).str(), "A   B\n"); }

TEST(Table, CountsCharactersAndNotBytes) {
  Table table({"NAME", "X"});
  table.add({"grün", "1"});
  EXPECT_EQ(table.str(), "NAME   X\ngrün   1\n");
}

TEST(Table, SetsOffHeadersOnlyWhenTold) { EXPECT_EQ(Table({"A"}).str(true), "\x1b[1mA\x1b[0m\n"); }

}  // namespace
}  // namespace podwire::cli
