"""Runs a command on a new terminal: terminal.py ROWS COLUMNS COMMAND...

Standard input brings one JSON text a line: {"send": "typed"}, {"resize": [rows, columns]} or {"hangup": true}.
What the terminal shows goes to standard output. Ends with the command's exit code, or 128 and its signal.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios

rows, columns, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
start, go = os.pipe()
pid, master = pty.fork()
if pid == 0:
    os.close(go)
    os.read(start, 1)
    os.execvp(command[0], command)


def resize(rows, columns):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


resize(rows, columns)
os.close(start)
os.write(go, b"x")
os.close(go)
inputs, pending = [0, master], b""
while master in inputs:
    ready, _, _ = select.select(inputs, [], [])
    if master in ready:
        try:
            shown = os.read(master, 65536)
        except OSError:  # EIO: the last process has let go of the terminal
            shown = b""
        if not shown:
            break
        os.write(1, shown)
    if 0 in ready:
        given = os.read(0, 65536)
        if not given:
            inputs.remove(0)
        *lines, pending = (pending + given).split(b"\n")
        for line in map(json.loads, lines):
            if "send" in line:
                os.write(master, line["send"].encode())
            if "resize" in line:
                resize(*line["resize"])
            if "hangup" in line:
                inputs.remove(master)
                os.close(master)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
