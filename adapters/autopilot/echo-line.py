"""A serial line that answers with what it was told: prints the path of a pseudo-terminal."""

import os
import pty
import tty

master, slave = pty.openpty()
tty.setraw(master)
print(os.ttyname(slave), flush=True)
while True:
    os.write(master, os.read(master, 512))
