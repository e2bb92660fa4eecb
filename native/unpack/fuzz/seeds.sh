#!/bin/sh
# Seeds for the fuzzer: real archives in every format that tar writes.
set -eu
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/tree/dir" && cd "$work/tree"
echo file > dir/file
ln dir/file hard
ln -s dir/file soft
mkfifo fifo
truncate -s 64K sparse
printf end >> sparse
: > "$(printf 'n%.0s' $(seq 1 150))"
: > .wh.gone
: > dir/.wh..wh..opq
for format in pax gnu oldgnu ustar v7; do
  # v7 has neither fifos nor long names.
  tar --format="$format" --exclude='nnn*' --exclude=fifo -cf "$out/$format" .
  case $format in pax | gnu | oldgnu) tar --format="$format" --sparse -cf "$out/$format-sparse" . ;; esac
done
for version in 0.0 0.1 1.0; do tar --format=pax --sparse --sparse-version=$version -cf "$out/pax-$version" sparse; done
