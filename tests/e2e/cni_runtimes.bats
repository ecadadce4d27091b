#!/usr/bin/env bats
load helpers
load traffic
load cni_helpers
load runtimes_helpers

setup_file() { make_image "$BATS_FILE_TMPDIR/image.tar"; }
setup() { setup_runtimes; }
teardown() { teardown_runtimes; }

@test "podman x" {
  setup_podman
  network podwire "$(bridge_conf)"
  podman_web a --network podwire -p 18080:80
  podman_web b --network podwire
  podman exec a ip addr >&3
  podman exec a ping -c1 10.22.0.3 >&3
  podman inspect a | jq -c '.[0].NetworkSettings' >&3
  page host -- 127.0.0.1:18080 >&3
  page on outside -- $HOST:18080 >&3
  host ls -R /etc/cni /var/lib/cni /run/podwire /run/netns >&3
  elements >&3
  podman rm -f -t0 a b >&3
  nothing_left
}
