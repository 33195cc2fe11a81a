"""Network taps whose frames travel as UDP datagrams: what the kernel of a namespace sends on its
tap comes out here, and what is put in here the kernel receives.

Usage: taps.py PORT NAME... : makes one tap for each name (root), prints "ready", then passes
frames between them and 127.0.0.1:PORT until its standard input ends. A datagram is the number of
the tap (1 byte) and the Ethernet frame. Node cannot open a tap without an addon; the standard
library of Python can.
"""

import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
FRAME_MAX = 1600


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    request = struct.pack("16sH14x", name.encode(), IFF_TAP | IFF_NO_PI)
    fcntl.ioctl(tap, TUNSETIFF, request)
    return tap


def main(port, names):
    taps = [open_tap(name) for name in names]
    numbers = {tap: number for number, tap in enumerate(taps)}
    air = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    air.bind(("127.0.0.1", 0))
    air.connect(("127.0.0.1", port))
    print("ready", air.getsockname()[1], flush=True)
    while True:
        ready, _, _ = select.select([sys.stdin, air, *taps], [], [])
        for source in ready:
            if source is sys.stdin:
                return
            try:
                if source is air:
                    datagram = air.recv(FRAME_MAX)
                    os.write(taps[datagram[0]], datagram[1:])
                else:
                    air.send(bytes([numbers[source]]) + os.read(source, FRAME_MAX))
            except OSError:
                pass  # a tap that is down or full loses the frame, as a radio does


main(int(sys.argv[1]), sys.argv[2:])
