"""A TCP proxy that changes a byte of what a server answers: in the middle of a long run of spaces, so that a test knows
which part of a record it hits. No checksum of TCP sees it.

usage: corrupting_proxy.py LISTEN_PORT SERVER_PORT CONTROL_FILE
CONTROL_FILE holds how many changes are still to be made; each counts it down.
"""

import os
import socket
import sys
import threading

RUN = b" " * 64


def pump(source, target, control):
    try:
        while data := source.recv(65536):
            at = data.find(RUN) if control else -1
            if at >= 0:
                with lock:
                    left = int(open(control).read() or 0)
                    if left > 0:
                        data = data[: at + 32] + b"!" + data[at + 33 :]
                        with open(control + ".new", "w") as file:
                            file.write(str(left - 1))
                        os.replace(control + ".new", control)
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


lock = threading.Lock()
listen, server, control = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
with socket.create_server(("127.0.0.1", listen)) as listener:
    while True:
        client, _ = listener.accept()
        upstream = socket.create_connection(("127.0.0.1", server))
        threading.Thread(target=pump, args=(client, upstream, None), daemon=True).start()
        threading.Thread(target=pump, args=(upstream, client, control), daemon=True).start()
