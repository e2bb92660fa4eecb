#!/bin/sh
# Checks what the build (or, with "test", the tests and linters) needs of the distribution, and installs
# what is missing with a single call of apt-get. Prints nothing when all is there.
set -eu
purpose=${1:-build}
# Where nft and ip are; not on the path of every user.
PATH=$PATH:/usr/sbin:/sbin
missing=

# want PACKAGE TEST…: remembers the package when the test fails
want() {
  package=$1
  shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}
header() { test -e "/usr/include/$1"; }
# Node's own headers, for the addon: part of every Node but Debian's.
node_headers() { test -e "$(node -p 'path.dirname(path.dirname(process.execPath))')/include/node/node_api.h"; }
# The plain package's busybox is linked dynamically; the image needs the static one.
static_busybox() { busybox=$(command -v busybox) && ! ldd "$busybox"; }

want gcc command -v gcc
want g++ command -v g++
want python3 command -v python3
want musl-tools command -v musl-gcc
want libseccomp-dev header seccomp.h
want libisal-dev test -e /usr/include/isa-l/igzip_lib.h
want libzstd-dev test -e /usr/include/zstd.h
want libssl-dev test -e /usr/include/openssl/evp.h
want busybox-static static_busybox
want nftables command -v nft
if [ "$purpose" = test ]; then
  for pair in iproute2:ip util-linux:nsenter procps:sysctl curl:curl strace:strace attr:setfattr libcap2-bin:setcap \
    openssl:openssl zstd:zstd skopeo:skopeo umoci:umoci docker-registry:docker-registry perl-base:perl \
    clang-format:clang-format clang-tidy:clang-tidy cppcheck:cppcheck systemd:systemd-analyze \
    user-mode-linux:linux.uml; do
    want "${pair%:*}" command -v "${pair#*:}"
  done
fi

node_major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$node_major" -lt 20 ]; then
  offered=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]*\).*/\1/p')
  if [ "${offered:-0}" -ge 20 ]; then
    missing="$missing nodejs npm libnode-dev"
  else
    echo "tspod needs Node.js 20 or newer with npm; found: $(node --version 2>/dev/null || echo none)." >&2
    echo "This distribution does not offer it as a package: install it from https://nodejs.org and try again." >&2
    exit 1
  fi
else
  want npm command -v npm
  want libnode-dev node_headers
fi

[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "Missing (names of Debian's packages):$missing" >&2
  echo "There is no apt-get here: install them with this system's own tools and try again." >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  echo "Missing packages:$missing" >&2
  echo "Installing them needs root. Run: sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
install() {
  # shellcheck disable=SC2086 # a list of words is meant
  apt-get install -y -q --no-install-recommends $missing >"$log" 2>&1
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A machine that has never fetched its package lists, or has old ones, cannot find the packages at first.
if ! install && ! { apt-get update -q >"$log" 2>&1 && install; }; then
  cat "$log" >&2
  echo "apt-get could not install:$missing" >&2
  exit 1
fi
