# shellcheck shell=bash
# Calling podwire-cni as a container runtime does, on a machine named "host".

CNI_DEBIAN=/usr/lib/cni # the CNI project's own plugins, as Debian packages them

# host COMMAND...
host() { on host "$@"; }

# setup_host: a machine and a directory with podwire-cni under all its names.
setup_host() {
  need_root
  start_machine host
  install_cni
}

install_cni() {
  CNI_BIN=$BATS_TEST_TMPDIR/bin
  mkdir -p "$CNI_BIN"
  cp "$PODWIRE_CNI" "$CNI_BIN/podwire-cni"
  local name
  for name in bridge portmap bandwidth ipam loopback; do ln -f "$CNI_BIN/podwire-cni" "$CNI_BIN/podwire-$name"; done
}

# --- configurations: a base, changed by jq filters given as arguments

conf() {
  local base=$1 filter
  shift
  for filter in "$@"; do base=$(jq -c "$filter" <<<"$base"); done
  printf '%s\n' "$base"
}

# 10.22.0.0/16 behind bridge cni0, the shape of the CNI project's own example.
bridge_conf() {
  conf '{"cniVersion":"1.1.0","name":"net","type":"podwire-bridge","bridge":"cni0","isDefaultGateway":true,
    "ipMasq":true,"hairpinMode":true,"ipam":{"type":"podwire-ipam","ranges":[[{"subnet":"10.22.0.0/16"}]]}}' "$@"
}

routed_conf() {
  conf '{"cniVersion":"1.1.0","name":"net","type":"podwire-cni","link":"routed","ipMasq":true,
    "ipam":{"ranges":[[{"subnet":"10.22.0.0/16"}]]}}' "$@"
}

DUAL='.ipam.ranges=[[{"subnet":"10.22.0.0/16"}],[{"subnet":"fd22::/64"}]]'
V6='.ipam.ranges=[[{"subnet":"fd22::/64"}]]'

# publish HOSTPORT CONTAINERPORT [PROTOCOL [HOSTIP]]: a filter that adds one port mapping.
publish() {
  printf '.runtimeConfig.portMappings+=[{"hostPort":%s,"containerPort":%s,"protocol":"%s"%s}]' \
    "$1" "$2" "${3:-tcp}" "${4:+,\"hostIP\":\"$4\"}"
}

# --- one call

# pod NAME...: network namespaces at /run/netns/NAME.
pod() {
  local name
  for name in "$@"; do host ip netns add "$name"; done
}

# in_pod NAME COMMAND...
in_pod() { host ip netns exec "$@"; }

# cni COMMAND ID [VARIABLE=VALUE...] <CONF: stdout is the plugin's, so is the exit status.
# The plugin is CNI_BIN/TYPE, or CNI_PROGRAM; a pod's netns and its container id have one name unless CNI_NETNS says otherwise.
cni() {
  local command=$1 id=$2 config type
  shift 2
  config=$(cat)
  type=$(jq -r '.type // "podwire-cni"' <<<"$config" 2>/dev/null) || type=podwire-cni
  [[ -f $CNI_BIN/$type ]] || type=podwire-cni
  host env -u CNI_ARGS CNI_COMMAND="$command" CNI_CONTAINERID="$id" CNI_NETNS="/run/netns/$id" CNI_IFNAME=eth0 \
    CNI_PATH="$CNI_BIN:$CNI_DEBIAN" "$@" "${CNI_PROGRAM:-$CNI_BIN/$type}" <<<"$config"
}

# add ID CONF [VARIABLE=VALUE...]: makes the pod if need be; the result is $output and is kept for with_prev.
add() {
  local id=$1 config=$2
  shift 2
  host test -e "/run/netns/$id" || pod "$id"
  succeeds cni ADD "$id" "$@" <<<"$config"
  printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/result.$id"
}

# with_prev ID CONF: CONF with ID's result as prevResult.
with_prev() { jq -c --slurpfile prev "$BATS_TEST_TMPDIR/result.$1" '.prevResult=$prev[0]' <<<"$2"; }

del() {
  local id=$1 config=$2
  shift 2
  succeeds cni DEL "$id" "$@" <<<"$config"
  same "$output" ""
}

check() { succeeds cni CHECK "$1" <<<"$(with_prev "$1" "$2")"; }

# refused CODE SENTENCE-PART: of the last `fails cni`: a CNI error object with this code whose msg names the field.
refused() {
  json "$output" .code "$1" && contains "$(jq -r .msg <<<"$output")" "$2"
}

# address_of ID [4|6]: without its prefix length.
address_of() {
  local dot=.
  [[ ${2:-4} == 6 ]] && dot=:
  jq -r --arg dot "$dot" '[.ips[].address|select(contains($dot))][0]|split("/")[0]' "$BATS_TEST_TMPDIR/result.$1"
}

# --- what is left

# elements [SET]: the podwire-cni table's elements, one a line as "SET ELEMENT".
elements() {
  host nft -j list table inet podwire-cni 2>/dev/null |
    jq -cr --arg set "${1:-}" '.nftables[]|(.set//.map)|select(.)|select($set=="" or .name==$set)|.name as $n|
      .elem//[]|.[]|"\($n) \(.)"'
}

# links: names of all devices of the host but loopback and what is always there.
links() { host ip -j link | jq -r '.[].ifname' | grep -vxE 'lo|eth0|cni0|docker0|ifb[01]' || true; }

# files DIRECTORY: the files below it that say something about an attachment.
reservations() {
  host find /var/lib/cni/networks -type f 2>/dev/null | grep -vE '/(lock|boot|last_reserved_ip\.[0-9]+|freed/[^/]+)$' || true
}
records() { host find /run/podwire -type f ! -name lock ! -name shared 2>/dev/null; }

# nothing_left: no reservation, record, device or element of any attachment, no temporary file.
nothing_left() {
  same "$(reservations)" "" && same "$(records)" "" && same "$(links)" "" && same "$(elements)" "" &&
    same "$(host find /run/podwire -name shared 2>/dev/null)" ""
}

# reboot_host: the kernel's boot id is another one, /run is empty, and all devices are gone. The files of /var stay.
reboot_host() {
  local name
  for name in $(host ip -j link | jq -r '.[].ifname' | grep -vxE 'lo|eth0|ifb[01]'); do
    host ip link delete "$name" 2>/dev/null || true # one end of a pair takes the other with it
  done
  host nft delete table inet podwire-cni 2>/dev/null || true
  host rm -rf /run/podwire
  host bash -c 'cat /proc/sys/kernel/random/uuid >/run/boot_id &&
    mount --bind /run/boot_id /proc/sys/kernel/random/boot_id'
}
