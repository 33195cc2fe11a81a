"""A small UDP datagram to HOST PORT every PERIOD seconds, whatever becomes of it."""

import socket
import sys
import time

host, port, period = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sequence = 0
due = time.monotonic()
while True:
    try:
        sender.sendto(sequence.to_bytes(4, "big") + bytes(60), (host, port))
    except OSError:
        pass  # no route: the datagram is lost, as it would be on the way
    sequence += 1
    due += period
    time.sleep(max(0, due - time.monotonic()))
