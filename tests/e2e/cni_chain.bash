# shellcheck shell=bash
# A list of plugins as libcni runs it: each gets its entry with the list's name and version, the capabilities that it
# declares, and the result of the one before; DEL goes backwards with the final result. What was added is remembered
# for CHECK and DEL, as in libcni's cache.

# entry LIST INDEX CAPABILITIES [PREVRESULT-FILE]: what plugin INDEX gets on its standard input.
entry() {
  jq -c --argjson index "$2" --argjson given "$3" --slurpfile prev "${4:-/dev/null}" '
    . as $list | .plugins[$index] | . as $plugin | .name=$list.name | .cniVersion=$list.cniVersion |
    ($given|with_entries(select($plugin.capabilities[.key] == true))) as $runtime |
    if $runtime == {} then . else .runtimeConfig=$runtime end |
    if $prev == [] then . else .prevResult=$prev[0] end' <<<"$1"
}

# remember ID IFNAME: the files of one attachment.
remember() { printf '%s/chain.%s.%s' "$BATS_TEST_TMPDIR" "$1" "$2"; }

# chain_add ID LIST CAPABILITIES [IFNAME]: $output is the result.
chain_add() {
  local id=$1 list=$2 given=$3 ifname=${4:-eth0} cache index prev=/dev/null
  cache=$(remember "$id" "$ifname")
  printf '%s\n' "$list" >"$cache.list"
  printf '%s\n' "$given" >"$cache.given"
  rm -f "$cache.result"
  host test -e "/run/netns/$id" || pod "$id"
  for ((index = 0; index < $(jq '.plugins|length' <<<"$list"); ++index)); do
    succeeds call_entry ADD "$id" "$ifname" "$(entry "$list" $index "$given" "$prev")" || return
    printf '%s\n' "$output" >"$cache.partial"
    prev=$cache.partial
  done
  mv "$cache.partial" "$cache.result"
  [[ $ifname != eth0 ]] || cp "$cache.result" "$BATS_TEST_TMPDIR/result.$id"
}

# call_entry COMMAND ID IFNAME CONF: plugins are looked for among ours first, then among the CNI project's.
call_entry() {
  local type program
  type=$(jq -r .type <<<"$4")
  program=$CNI_BIN/$type
  [[ -e $program ]] || program=$CNI_DEBIAN/$type
  CNI_PROGRAM=$program cni "$1" "$2" CNI_IFNAME="$3" <<<"$4"
}

chain_check() {
  local cache list index
  cache=$(remember "$1" eth0)
  list=$(cat "$cache.list")
  for ((index = 0; index < $(jq '.plugins|length' <<<"$list"); ++index)); do
    # Debian's portmap (1.1.1) looks for the IPv4 rule among the IPv6 ones: its CHECK fails for every dual-stack list.
    [[ $(jq -r ".plugins[$index].type" <<<"$list") != portmap ]] || continue
    succeeds call_entry CHECK "$1" eth0 "$(entry "$list" $index "$(cat "$cache.given")" "$cache.result")"
  done
}

# chain_del ID [IFNAME]
chain_del() {
  local cache list index result=/dev/null
  cache=$(remember "$1" "${2:-eth0}")
  list=$(cat "$cache.list")
  [[ ! -e $cache.result || $(jq -r .cniVersion <<<"$list") < 0.4.0 ]] || result=$cache.result
  for ((index = $(jq '.plugins|length' <<<"$list") - 1; index >= 0; --index)); do
    succeeds call_entry DEL "$1" "${2:-eth0}" "$(entry "$list" $index "$(cat "$cache.given")" "$result")"
  done
}

# chain_gc LIST [ID...]: these are valid.
chain_gc() {
  local list=$1 index valid
  shift
  valid=$(jq -cn '[$ARGS.positional[]|{containerID:.,ifname:"eth0"}]' --args "$@")
  for ((index = 0; index < $(jq '.plugins|length' <<<"$list"); ++index)); do
    succeeds call_entry GC "" "" "$(entry "$list" $index '{}' | jq -c --argjson valid "$valid" '."cni.dev/valid-attachments"=$valid')"
  done
}
