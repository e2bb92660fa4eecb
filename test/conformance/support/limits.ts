/**
 * A shell script that prints a container's own limits as the kernel has them, one `NAME value` a line, on hosts with
 * cgroups v2, v1 or both: `memory` in bytes or max, `cpu` as microseconds in 100 ms or max, `share` as v1 counts.
 */
export const PRINT_LIMITS = `cd /sys/fs/cgroup
if [ -e memory.max ]; then
  echo memory $(cat memory.max); echo cpu $(cut -d' ' -f1 cpu.max); echo weight $(cat cpu.weight)
else
  m=$(cat memory/memory.limit_in_bytes); [ $m -gt 1000000000000 ] && m=max; echo memory $m
  c=$(cat cpu/cpu.cfs_quota_us); [ $c = -1 ] && c=max; echo cpu $c
  echo share $(cat cpu/cpu.shares)
fi`;
