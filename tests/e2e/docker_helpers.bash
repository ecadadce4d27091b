# shellcheck shell=bash
# A machine with Docker mode on it.

# setup_docker_host: the machine "host", whose own namespace podwire uses as it is told by PODWIRE_NETNS.
setup_docker_host() {
  need_root
  need_program runc
  need_program busybox
  start_machine host
  export PODWIRE_NETNS=host
}

# teardown_docker_host: containers first, since their cgroups are the real machine's and outlive a namespace.
teardown_docker_host() {
  local ids=()
  if [[ -n ${MACHINE[host]:-} ]]; then
    for PODWIRE_NETNS in host podwire; do
      export PODWIRE_NETNS
      mapfile -t ids < <(podwire ps -aq)
      ((${#ids[@]} == 0)) || podwire container rm -f "${ids[@]}" >/dev/null || true
    done
  fi
  stop_machines
}

host() { on host "$@"; }
podwire() { on host "$PODWIRE" "$@"; }

# web NAME OPTIONS...: a detached container whose web server says its name.
web() {
  local name=$1
  shift
  # shellcheck disable=SC2016
  podwire run -d --name "$name" -e NAME="$name" "$@" busybox \
    sh -c 'mkdir /www && echo "$NAME" >/www/index.html && exec httpd -f -p 80 -h /www' >/dev/null
  wait_for podwire exec "$name" wget -qO- 127.0.0.1
}

# address_of CONTAINER [IPAddress|GlobalIPv6Address]
address_of() { podwire container inspect "$1" | jq -r --arg f "${2:-IPAddress}" '.[0].NetworkSettings.Networks[][$f]'; }

# reaches CONTAINER ADDRESS / does_not_reach: one echo request.
reaches() { succeeds podwire exec "$1" ping -c1 -W2 "$2"; }
does_not_reach() { fails podwire exec "$1" ping -c1 -W1 "$2"; }

# page MACHINE URL: what a web server says, or nothing within 2 s.
page() { on "$1" curl -sg --max-time 2 "$2" || true; }

# nothing_left: of containers, on the host.
nothing_left() {
  same "$(podwire ps -aq)" ""
  same "$(host sh -c 'ls /run/podwire/netns | grep cnt- ; ls /run/podwire/runc')" ""
  same "$(host ip -br link show type veth)" ""
  same "$(host sh -c 'ls -d /var/lib/podwire/docker/*/containers/* 2>/dev/null')" ""
  same "$(host sh -c 'ls -d /var/lib/podwire/docker/*/ipam/*/[0-9]* 2>/dev/null')" ""
  same "$(host sh -c 'grep podwire /proc/mounts | grep -v "^tmpfs /\(run\|var/lib\) "')" ""
}
