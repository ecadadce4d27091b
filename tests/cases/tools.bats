#!/usr/bin/env bats
# The tools that keep the rooms apart: do they refuse what they should?

setup() {
  repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  src=$BATS_TEST_TMPDIR/src
  mkdir -p "$src/base" "$src/plan" "$src/kernel/fake"
  printf 'podwire_room(base)\npodwire_room(plan DEPS base)\npodwire_room(kernel DEPS base LIBS x EXCLUDE fake)\n' >"$src/rooms.cmake"
  printf 'podwire_room(kernel/fake DEPS base kernel)\n' >>"$src/rooms.cmake"
}

@test "check-rooms accepts what rooms.cmake allows" {
  printf '#include "base/x.h"\n#include <vector>\n#include "plan/y.h"\n' >"$src/plan/a.cpp"
  run "$repo/tools/check-rooms" "$src"
  [ "$status" -eq 0 ]
}

@test "check-rooms refuses an include in the wrong direction and names file, line and room" {
  printf '#include "base/x.h"\n#include "plan/y.h"\n' >"$src/base/a.cpp"
  run "$repo/tools/check-rooms" "$src"
  [ "$status" -ne 0 ]
  [[ $output == *"base/a.cpp:2"* && $output == *'may not include "plan/y.h"'* ]]
}

@test "check-rooms lets only tests use the fake kernel" {
  printf '#include "kernel/fake/f.h"\n' >"$src/kernel/a_test.cpp"
  run "$repo/tools/check-rooms" "$src"
  [ "$status" -eq 0 ]
  mv "$src/kernel/a_test.cpp" "$src/kernel/a.cpp"
  run "$repo/tools/check-rooms" "$src"
  [ "$status" -ne 0 ]
}

@test "check-rooms refuses a room that is not declared" {
  mkdir "$src/attic"
  printf '#include "base/x.h"\n' >"$src/attic/a.cpp"
  run "$repo/tools/check-rooms" "$src"
  [ "$status" -ne 0 ]
  [[ $output == *attic* ]]
}

@test "check-sizes refuses a file of more than 800 lines" {
  yes '// line' | head -n 801 >"$src/base/long.cpp"
  run "$repo/tools/check-sizes" "$src"
  [ "$status" -ne 0 ]
  [[ $output == *long.cpp* ]]
  yes '// line' | head -n 401 >"$src/base/long.cpp"
  run "$repo/tools/check-sizes" "$src"
  [ "$status" -eq 0 ]
  [[ $output == *smell* ]]
}

@test "dev names unknown verbs, presets and test sets, and says what to do" {
  run "$repo/dev" frobnicate
  [ "$status" -eq 2 ]
  [[ $output == *"no verb 'frobnicate'"* && $output == *"./dev help"* ]]
  run "$repo/dev" test everything
  [ "$status" -eq 2 ]
  [[ $output == *"unit, root, e2e or all"* ]]
}

@test "every verb of dev has help with an example" {
  for verb in setup build demo test bench fuzz fmt lint image clean; do
    run "$repo/dev" "$verb" --help
    [ "$status" -eq 0 ]
    [[ $output == *"Example: ./dev $verb"* ]]
  done
}
