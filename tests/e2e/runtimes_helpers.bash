# shellcheck shell=bash
# Container runtimes of Debian on the machine "host", which a cable joins to the machine "outside". Needs helpers and
# cni_helpers. All that the runtimes write lies in the host's own file systems; only cgroups are the real machine's.

HOST=192.0.2.1
OUTSIDE=192.0.2.2
IMAGE=localhost/podwire-e2e:1
CGROUP=/podwire-e2e-$$ # of every container, so that it can be found and removed

# A container may not raise its limits where the tests lack CAP_SYS_RESOURCE: it gets these, which are lower.
LIMITS=(nofile=1024:1024 nproc=1000:1000)

# setup_runtimes: two machines; podwire-cni is in the host's /opt/cni/bin, and /etc/cni/net.d is empty.
setup_runtimes() {
  setup_host
  start_machine outside
  wire host $HOST/24 -- outside $OUTSIDE/24
  own /etc
  own /opt
  host mount -t tmpfs tmpfs /dev/shm # podman's locks
  host rm -rf /etc/cni/net.d /opt/cni/bin
  host mkdir -p /etc/cni/net.d /opt/cni/bin
  host cp "$CNI_BIN/podwire-cni" /opt/cni/bin
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

# network NAME CONF: a list of one plugin, podwire-cni, as /etc/cni/net.d has it.
network() {
  jq '{cniVersion:"0.4.0",name:$name,plugins:[del(.cniVersion,.name)|.type="podwire-cni"|.capabilities.portMappings=true]}' \
    --arg name "$1" <<<"$2" | host tee "/etc/cni/net.d/10-$1.conflist" >/dev/null
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

# page MACHINE-COMMAND... -- URL: what the web server says, or nothing within 2 s.
page() {
  local where=()
  while [[ $1 != -- ]]; do where+=("$1"); shift; done
  "${where[@]}" curl -s --max-time 2 "http://$2/cgi-bin/who" || true
}

# --- podman

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

# podman_web NAME OPTIONS...: a container that serves its page, and NAME is known to address_of and in_container.
podman_web() {
  succeeds podman run -d --cgroup-parent "$CGROUP" --name "$1" -e "NAME=$1" "${@:2}" "$IMAGE"
}

# --- containerd
