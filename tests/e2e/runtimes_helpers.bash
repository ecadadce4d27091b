# shellcheck shell=bash
# Container runtimes of Debian on the machine "host", which a cable joins to the machine "outside". Needs helpers and
# cni_helpers. All that the runtimes write lies in the host's own file systems; only cgroups are the real machine's.

HOST=(192.0.2.1 2001:db8::1)
OUTSIDE=(192.0.2.2 2001:db8::2)
IMAGE=localhost/podwire-e2e:1
CGROUP=/podwire-e2e-$$ # of every container, so that it can be found and removed

# A container may not raise its limits where the tests lack CAP_SYS_RESOURCE: it gets these, which are lower.
LIMITS=(nofile=1024:1024 nproc=1000:1000)

# setup_runtimes: two machines; podwire-cni is in the host's /opt/cni/bin, and /etc/cni/net.d is empty.
setup_runtimes() {
  setup_host
  start_machine outside
  wire host "${HOST[0]}/24" "${HOST[1]}/64" -- outside "${OUTSIDE[0]}/24" "${OUTSIDE[1]}/64"
  mkdir -p "$BATS_TEST_TMPDIR/www/cgi-bin"
  cp "$BATS_FILE_TMPDIR/image/root/www/cgi-bin/who" "$BATS_TEST_TMPDIR/www/cgi-bin"
  in_background on outside env NAME=outside busybox httpd -f -p 7000 -h "$BATS_TEST_TMPDIR/www"
  own /etc
  own /opt
  host mount -t tmpfs tmpfs /dev/shm # podman's locks
  host rm -rf /etc/cni/net.d /opt/cni/bin
  host mkdir -p /etc/cni/net.d /opt/cni/bin
  host cp "$CNI_BIN/podwire-cni" "$CNI_DEBIAN/tuning" /opt/cni/bin
}

# own DIRECTORY: what the host changes in it is seen by the host alone.
own() {
  local layers=/run/own$1
  host mkdir -p "$layers/upper" "$layers/work"
  host mount -t overlay overlay -o "lowerdir=$1,upperdir=$layers/upper,workdir=$layers/work" "$1"
}

# teardown_runtimes: the cgroups last, when the end of the machines has ended all in them.
teardown_runtimes() {
  stop_machines
  wait_for remove_cgroups
}

remove_cgroups() {
  local top
  for top in /sys/fs/cgroup{,/*}"$CGROUP"; do
    [[ ! -d $top ]] || find "$top" -depth -type d -exec rmdir {} + || return 1
  done
}

# network NAME CONF [ENTRIES]: a list with podwire-cni, and what else is given behind it, as /etc/cni/net.d has it.
network() {
  jq '{cniVersion:"0.4.0",name:$name,plugins:([del(.cniVersion,.name)|.type="podwire-cni"|.capabilities.portMappings=true]+$more)}' \
    --arg name "$1" --argjson more "${3:-[]}" <<<"$2" | host tee "/etc/cni/net.d/10-$1.conflist" >/dev/null
}

# --- the image: busybox with a page that says which container it is of, and whom it sees

APPLETS=(sh httpd ip nc ping sleep)

# make_image ARCHIVE: an OCI archive.
make_image() {
  local dir=$BATS_FILE_TMPDIR/image applet
  mkdir -p "$dir/root/bin" "$dir/root/www/cgi-bin" "$dir/blobs/sha256"
  cp "$(type -P busybox)" "$dir/root/bin/busybox"
  for applet in "${APPLETS[@]}"; do ln -s busybox "$dir/root/bin/$applet"; done
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n%%s sees %%s\\n" "$NAME" "$REMOTE_ADDR"\n' \
    >"$dir/root/www/cgi-bin/who"
  chmod 755 "$dir/root/www/cgi-bin/who"
  tar -C "$dir/root" --owner=0 --group=0 -cf "$dir/layer" .

  local layer config manifest
  layer=$(blob "$dir" application/vnd.oci.image.layer.v1.tar <"$dir/layer")
  config=$(jq -c '{architecture:$architecture,os:"linux",config:{Cmd:["httpd","-f","-p","80","-h","/www"],Env:["PATH=/bin"]},
    rootfs:{type:"layers",diff_ids:[.digest]}}' --arg architecture "$(dpkg --print-architecture)" <<<"$layer" |
    blob "$dir" application/vnd.oci.image.config.v1+json)
  manifest=$(jq -cn '{schemaVersion:2,mediaType:"application/vnd.oci.image.manifest.v1+json",config:$config,layers:[$layer]}' \
    --argjson config "$config" --argjson layer "$layer" | blob "$dir" application/vnd.oci.image.manifest.v1+json)
  jq -c '{schemaVersion:2,manifests:[.+{annotations:{"org.opencontainers.image.ref.name":$name,"io.containerd.image.name":$name}}]}' \
    --arg name "$IMAGE" <<<"$manifest" >"$dir/index.json"
  echo '{"imageLayoutVersion":"1.0.0"}' >"$dir/oci-layout"
  tar -C "$dir" -cf "$1" oci-layout index.json blobs
}

# blob DIRECTORY MEDIATYPE: stdin becomes a blob of the layout; its descriptor goes to stdout.
blob() {
  local file=$1/blob digest
  cat >"$file"
  digest=$(sha256sum <"$file" | cut -d' ' -f1)
  jq -cn '{mediaType:$type,digest:"sha256:\($digest)",size:$size}' \
    --arg type "$2" --arg digest "$digest" --argjson size "$(stat -c%s "$file")"
  mv "$file" "$1/blobs/sha256/$digest"
}

# --- traffic

# in_container NAME COMMAND...: a program of the host in the container's network.
in_container() { host nsenter --target "${PID[$1]}" --net -- "${@:2}"; }

# address_in NAME [4|6]: of the container's eth0.
address_in() {
  local family=inet
  [[ ${2:-4} == 4 ]] || family=inet6
  in_container "$1" ip -j address show eth0 |
    jq -r --arg family "$family" '.[0].addr_info[]|select(.family==$family and .scope=="global").local'
}

# page MACHINE-COMMAND... -- ADDRESS [PORT]: what the web server says, or nothing within 2 s.
page() {
  local where=() address line
  while [[ $1 != -- ]]; do where+=("$1"); shift; done
  address=$2
  [[ $address != *:* ]] || address="[$address]"
  line=$("${where[@]}" curl -s --max-time 2 "http://$address:${3:-80}/cgi-bin/who" || true)
  # busybox writes IPv6 addresses in brackets, and IPv4 ones as those.
  line=${line//[][]/}
  printf '%s\n' "${line/::ffff:/}"
}

# --- podman

declare -gA PID=() # of each container's first process, as the host sees it

setup_podman() {
  host tee /run/containers.conf >/dev/null <<CONF
[containers]
default_ulimits = [$(printf '"%s",' "${LIMITS[@]}")]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "cni"
cni_plugin_dirs = ["/opt/cni/bin"]
network_config_dir = "/etc/cni/net.d"
CONF
  succeeds podman load -i "$BATS_FILE_TMPDIR/image.tar"
}

podman() { host env CONTAINERS_CONF=/run/containers.conf TMPDIR="$BATS_TEST_TMPDIR" podman "$@"; }

# podman_web NAME OPTIONS...: a container that serves its page.
podman_web() {
  succeeds podman run -d --cgroup-parent "$CGROUP" --name "$1" -e "NAME=$1" "${@:2}" "$IMAGE"
  podman_pid "$1"
}

podman_pid() { PID[$1]=$(podman inspect "$1" | jq '.[0].State.Pid'); }

# --- containerd

# setup_containerd: the daemon without what only Kubernetes asks of it.
setup_containerd() {
  host tee /run/containerd.toml >/dev/null <<CONF
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri"]
CONF
  in_background host env PATH="$PATH" containerd -c /run/containerd.toml
  wait_for host ctr version
  succeeds host ctr image import "$BATS_FILE_TMPDIR/image.tar"
}

# containerd_web NAME: as podman_web. ctr waits for the container's end and then has its network taken away.
containerd_web() {
  in_background host ctr run --rm --cni --cgroup "$CGROUP/$1" --env "NAME=$1" "$IMAGE" "$1"
  CTR[$1]=$!
  wait_for containerd_pid "$1"
  wait_for listening "$1"
}

declare -gA CTR=() # the ctr that waits for each container

containerd_pid() {
  PID[$1]=$(host ctr task list | awk -v name="$1" '$1 == name && $3 == "RUNNING" { print $2 }')
  [[ -n ${PID[$1]} ]]
}

# listening NAME: its web server is up and its network is complete.
listening() { [[ -n $(address_in "$1") && -n $(in_container "$1" ss -Hltn 'sport = :80') ]]; }

containerd_end() {
  succeeds host ctr task kill --signal SIGKILL "$1"
  wait "${CTR[$1]}" || true
}
