#!/usr/bin/env bats
# The command line itself: help, usage errors, version, completion. Needs no root and makes nothing.

bats_require_minimum_version 1.5.0 # run -N, run --separate-stderr

setup() {
  repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  : "${PODWIRE:=$repo/build/release/podwire}"
}

# every_verb: each place of the tree, one a line, as the completion script knows it.
every_verb() { "$PODWIRE" completion bash | sed -n 's/^    "\(.*\)") words=.*/\1/p' | grep -v '^$'; }

@test "every verb has help with an example" {
  [ "$(every_verb | wc -l)" -gt 15 ]
  while read -r verb; do
    # shellcheck disable=SC2086
    run "$PODWIRE" $verb --help
    [ "$status" -eq 0 ]
    [[ $output == *Usage:* ]] || { echo "no usage: $verb"; false; }
    [[ $verb == network || $verb == container || $verb == image || $verb == netns || $output == *Example* ]] ||
      { echo "no example: $verb"; false; }
  done < <(every_verb)
}

@test "no verb, an unknown verb, a missing argument, an unknown option: status 2 and where to look" {
  run -2 "$PODWIRE"
  [[ $output == *"podwire: error:"* && $output == *"podwire --help"* ]]
  run -2 "$PODWIRE" dance
  run -2 "$PODWIRE" network create
  [[ $output == *"podwire network create --help"* ]]
  run -2 "$PODWIRE" network ls --dance
  run -2 "$PODWIRE" network ls -o xml
  run -2 "$PODWIRE" run --dance alpine
  run -2 "$PODWIRE" exec
}

@test "errors go to stderr, and carry no colour when it is no terminal" {
  run --separate-stderr "$PODWIRE" dance
  [ -z "$output" ]
  [[ $stderr == "podwire: error: "* ]]
  [[ $stderr != *$'\x1b'* ]]
}

@test "version names itself, its commit and what it found" {
  run "$PODWIRE" version
  [ "$status" -eq 0 ]
  [[ $output == "podwire "*"("*")"* && $output == *runc* ]]
  "$PODWIRE" version -o json | jq -e '.version and .commit and .found.kernel'
  "$PODWIRE" version -o yaml | grep -q '^version:'
}

@test "completion: the scripts are good, and know the tree" {
  "$PODWIRE" completion bash >"$BATS_TEST_TMPDIR/bash"
  bash -n "$BATS_TEST_TMPDIR/bash"
  # shellcheck disable=SC1090,SC1091
  source "$BATS_TEST_TMPDIR/bash"
  [[ $(_podwire_words | xargs) == *"network"*"container"* ]]
  [[ $(_podwire_words network | xargs) == *"create"*"ls"* ]]
  [[ $(_podwire_words network create | xargs) == *"--subnet"* ]]
  [[ $(_podwire_words --netns host network create | xargs) == *"--subnet"* ]]
  [[ $(_podwire_words | xargs) != *"shim"* ]]
  COMP_WORDS=(podwire network cr) COMP_CWORD=2
  _podwire
  [ "${COMPREPLY[*]}" = create ]
  for shell in zsh fish; do
    run "$PODWIRE" completion "$shell"
    [[ $output == *"network create"* ]]
    command -v "$shell" >/dev/null || continue
    "$PODWIRE" completion "$shell" | "$shell" -n
  done
  run -2 "$PODWIRE" completion tcsh
}
