# shellcheck shell=bash
# Servers that say who they are and whom they see, and clients that ask them.

# in_background COMMAND...: until the machines are stopped.
in_background() { "$@" 3>&- >/dev/null 2>&1 & }

# serve MACHINE-COMMAND... -- NAME PORT [tcp|udp]: answers each client with "NAME sees ITS-ADDRESS", in both families.
# MACHINE-COMMAND is where: `in_pod a`, `host`, `on outside`.
serve() {
  local where=()
  while [[ $1 != -- ]]; do where+=("$1"); shift; done
  local name=$2 port=$3 protocol=${4:-tcp} options=fork,reuseaddr
  local kind=${protocol^^} family
  for family in 4 6; do
    local listen="${kind}${family}-LISTEN:$port,$options"
    [[ $protocol == udp ]] && listen="UDP${family}-RECVFROM:$port,$options"
    [[ $family == 6 ]] && listen+=,ipv6only=1
    in_background "${where[@]}" socat "$listen" "SYSTEM:read -r line; echo $name sees \$SOCAT_PEERADDR"
  done
  # shellcheck disable=SC2016
  wait_for "${where[@]}" bash -c '(($(ss -Hln "$1" "sport = :$2" | wc -l) == 2))' - "--$protocol" "$port"
}

# ask MACHINE-COMMAND... -- ADDRESS PORT [tcp|udp]: what the server says, or nothing after 2 s.
ask() {
  local where=() line
  while [[ $1 != -- ]]; do where+=("$1"); shift; done
  # shellcheck disable=SC2016
  line=$("${where[@]}" timeout 2 bash -c 'exec 3<>"/dev/$3/$1/$2" && echo hello >&3 && head -n1 <&3' - "$2" "$3" "${4:-tcp}" \
    2>/dev/null) || return 0
  # socat writes IPv6 addresses in brackets and in full.
  [[ $line != *\[* ]] || line="${line%% \[*} $(getent ahostsv6 "$(tr -d '[]' <<<"${line##* }")" | awk 'NR==1{print $1}')"
  printf '%s\n' "$line"
}
