#!/usr/bin/env bats
# Images without a registry: archives that are made here by hand, good ones and hostile ones.

load helpers
load docker_helpers

setup() {
  setup_docker_host
  WORK=$BATS_TEST_TMPDIR/image
  mkdir -p "$WORK"
}
teardown() { teardown_docker_host; }

sha() { sha256sum "$1" | cut -d' ' -f1; }
arch() { case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac; }

# layer NAME: a tar of the directory $WORK/NAME.d, as $WORK/NAME.tar
layer() { tar -C "$WORK/$1.d" --owner=0 --group=0 --numeric-owner -cf "$WORK/$1.tar" .; }

# two_layers: a program below, above it one file more, one replaced and one gone.
two_layers() {
  mkdir -p "$WORK"/low.d/{bin,etc,gone/deep} "$WORK"/high.d/etc
  cp "$(command -v busybox)" "$WORK/low.d/bin/busybox"
  ln -s busybox "$WORK/low.d/bin/sh"
  echo low >"$WORK/low.d/etc/which"
  echo x >"$WORK/low.d/gone/deep/file"
  echo high >"$WORK/high.d/etc/which"
  : >"$WORK/high.d/.wh.gone"
  layer low
  layer high
}

# config LAYER...: the image's config for these layers
config() {
  local ids=() name
  for name in "$@"; do ids+=("sha256:$(sha "$WORK/$name.tar")"); done
  jq -nc --arg arch "$(arch)" --args '{architecture: $arch, os: "linux", rootfs: {type: "layers", diff_ids: $ARGS.positional},
    config: {Entrypoint: ["/bin/busybox"], Cmd: ["cat", "/etc/which"], Env: ["FROM=image"], WorkingDir: "/etc", User: "7:8"}}' \
    "${ids[@]}" >"$WORK/config.json"
}

# docker_save FILE TAG LAYER...
docker_save() {
  local file=$1 tag=$2 id layers
  shift 2
  config "$@"
  id=$(sha "$WORK/config.json")
  cp "$WORK/config.json" "$WORK/$id.json"
  layers=$(printf '%s.tar\n' "$@" | jq -R . | jq -sc .)
  jq -nc --arg c "$id.json" --arg t "$tag" --argjson l "$layers" '[{Config: $c, RepoTags: [$t], Layers: $l}]' >"$WORK/manifest.json"
  # The manifest last, as docker writes it.
  tar -C "$WORK" -cf "$file" "${@/%/.tar}" "$id.json" manifest.json
}

# oci_layout DIR: of the layers low and high, gzipped
oci_layout() {
  local dir=$1 name blobs=$1/blobs/sha256 layers="[]"
  mkdir -p "$blobs"
  config low high
  put() { cp "$1" "$blobs/$(sha "$1")"; }
  put "$WORK/config.json"
  for name in low high; do
    gzip -nc "$WORK/$name.tar" >"$WORK/$name.tgz"
    put "$WORK/$name.tgz"
    layers=$(jq -c --arg d "sha256:$(sha "$WORK/$name.tgz")" '. + [{mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: $d}]' <<<"$layers")
  done
  jq -nc --arg c "sha256:$(sha "$WORK/config.json")" --argjson l "$layers" '{schemaVersion: 2, config: {digest: $c}, layers: $l}' >"$WORK/m.json"
  put "$WORK/m.json"
  jq -nc --arg d "sha256:$(sha "$WORK/m.json")" '{schemaVersion: 2, manifests: [{digest: $d, annotations: {"org.opencontainers.image.ref.name": "app:oci"}}]}' >"$dir/index.json"
  echo '{"imageLayoutVersion":"1.0.0"}' >"$dir/oci-layout"
}

@test "docker save: imported, run as its config says, layers in order, whiteouts taken away" {
  two_layers
  docker_save "$WORK/app.tar" app:1 low high
  succeeds podwire image import "$WORK/app.tar"
  contains "$output" app:1
  same "$(podwire run --rm app:1)" high
  same "$(podwire run --rm --entrypoint /bin/busybox app:1 sh -c 'busybox ls -d /gone; echo $FROM; busybox pwd; busybox id -u; busybox id -g' 2>/dev/null | xargs)" "image /etc 7 8"
  contains "$(podwire image ls)" app:1
  json "$(podwire image inspect app:1)" '.[0].config.User' 7:8
}

@test "an OCI layout, by file and by pipe, with gzipped layers" {
  two_layers
  oci_layout "$WORK/layout"
  tar -C "$WORK/layout" -cf "$WORK/oci.tar" .
  succeeds podwire image import "$WORK/oci.tar"
  same "$(podwire run --rm app:oci)" high
  tar -C "$WORK/layout" -czf - . | podwire image import - second/name
  same "$(podwire run --rm second/name)" high
  same "$(podwire image ls -q | sort -u | wc -l)" 1
}

@test "images go with their last name, and not while a container has them" {
  two_layers
  docker_save "$WORK/app.tar" app:1 low high
  podwire image import "$WORK/app.tar" app:2
  podwire run --name a app:1
  succeeds podwire image rm app:2
  fails podwire image rm app:1
  contains "$stderr" "a container uses it"
  podwire container rm a
  podwire image rm app:1
  same "$(podwire image ls -q)" ""
}

@test "a layer with another content than its digest is refused, and leaves nothing" {
  two_layers
  docker_save "$WORK/app.tar" app:1 low high
  echo evil >"$WORK/high.d/etc/which"
  layer high
  tar -C "$WORK" -cf "$WORK/app.tar" low.tar high.tar "$(sha "$WORK/config.json").json" manifest.json
  fails podwire image import "$WORK/app.tar"
  contains "$stderr" "digest"
  same "$(podwire image ls -q)" ""
}

@test "a layer that climbs out of its root is refused" {
  mkdir "$WORK/low.d"
  echo evil >"$WORK/evil"
  tar -C "$WORK" -P --transform 's,^evil,../../../../evil,' -cf "$WORK/low.tar" evil
  docker_save "$WORK/app.tar" evil:1 low
  fails podwire image import "$WORK/app.tar"
  contains "$stderr" '".."'
  same "$(host sh -c 'find / -xdev -name evil -newer /run 2>/dev/null | grep -v bats')" ""
}

@test "a link out of the root is taken for one inside" {
  mkdir -p "$WORK/low.d" "$WORK/high.d"
  ln -s / "$WORK/low.d/up"
  layer low
  echo through >"$WORK/planted"
  tar -C "$WORK" --transform 's,^,up/var/lib/,' -cf "$WORK/high.tar" planted
  docker_save "$WORK/app.tar" link:1 low high
  succeeds podwire image import "$WORK/app.tar"
  fails host ls /var/lib/planted
}

@test "what is no image, for another machine, or packed with zstd is named" {
  echo x >"$WORK/file"
  tar -C "$WORK" -cf "$WORK/no.tar" file
  fails podwire image import "$WORK/no.tar"
  contains "$stderr" "not an image archive"
  fails podwire image import "$WORK/file"
  fails podwire image import /no/such.tar
  two_layers
  docker_save "$WORK/app.tar" app:1 low high
  local other
  other=$(jq -c '.architecture = "pdp11"' "$WORK/config.json" | tr -d '\n' | tee "$WORK/other" | sha256sum | cut -d' ' -f1)
  mv "$WORK/other" "$WORK/$other.json"
  jq -c --arg c "$other.json" '.[0].Config = $c' "$WORK/manifest.json" >"$WORK/m" && mv "$WORK/m" "$WORK/manifest.json"
  tar -C "$WORK" -cf "$WORK/pdp.tar" low.tar high.tar "$other.json" manifest.json
  fails podwire image import "$WORK/pdp.tar"
  contains "$stderr" "linux/pdp11"
  printf '\x28\xb5\x2f\xfd rest of it' >"$WORK/app.zst"
  printf '\x28\xb5\x2f\xfd rest of it' >"$WORK/high.tar"
  docker_save "$WORK/z.tar" z:1 low high
  fails podwire image import "$WORK/z.tar"
  contains "$stderr" zstd
}
