#!/usr/bin/python3
"""The HTTP server without a store against nginx and Hummingbird: a POST of 1 KB that is answered 202. Beside them the least
that it takes on this machine: a server in C that looks for no more than where a request ends."""
import json, os, socket, statistics, time
import measure
from measure import Server, Table, built, nginx, rounds, wrk

BODY = json.dumps(measure.order(2), ensure_ascii=False, separators=(",", ":")).encode()
POST = measure.request(BODY)
POSTS = [POST]


def ours(loops=1, tls=(), pin=None):
    return Server([built("accept-server"), str(loops), *tls], pin=pin, scheme="https" if tls else "http")


def keep_alive(folder):
    servers = {"nginx, 2 workers": nginx(folder), "1 loop": ours(), "2 loops": ours(2),
               "Hummingbird": Server([built("hummingbird-server")]),
               "the least, 1 loop": Server([built("floor-server"), "1"]),
               "the least, 2 loops": Server([built("floor-server"), "2"])}
    for connections in (64, 256):
        rounds(Table(f"Plain HTTP, keep-alive, c={connections}", "nginx, 2 workers"),
               [(name, lambda server=server: wrk(server, POSTS, connections, folder)) for name, server in servers.items()])
    pair = {name: servers[name] for name in ("nginx, 2 workers", "1 loop", "2 loops")}
    rounds(Table("Pipelined by 16, c=64", "nginx, 2 workers"),
           [(name, lambda server=server: wrk(server, POSTS, 64, folder, depth=16)) for name, server in pair.items()])
    closing = [measure.request(BODY, close=True)]
    rounds(Table("A connection for each request, c=64", "nginx, 2 workers"),
           [(name, lambda server=server: wrk(server, closing, 64, folder)) for name, server in pair.items()])
    for server in servers.values():
        server.stop()


def tls(folder):
    files = measure.certificate(folder)
    servers = {"nginx, 2 workers": nginx(folder, tls=files), "1 loop": ours(tls=files), "2 loops": ours(2, tls=files)}
    rounds(Table("TLS 1.3, keep-alive, c=64", "nginx, 2 workers"),
           [(name, lambda server=server: wrk(server, POSTS, 64, folder)) for name, server in servers.items()])
    for server in servers.values():
        server.stop()


def one_core(folder):
    servers = {"nginx, 1 worker": nginx(folder, pin=0, workers=1), "1 loop": ours(pin=0), "2 loops": ours(2, pin=0)}
    rounds(Table("The server held on one core, c=64", "nginx, 1 worker"),
           [(name, lambda server=server: wrk(server, POSTS, 64, folder)) for name, server in servers.items()])
    for server in servers.values():
        server.stop()


def idle(folder, count=10_000):
    """Memory of connections that have been used and wait, and what they cost a client that is busy."""
    alone, beside = ours(), ours()
    before = beside.resident()
    host, port = beside.address.split(":")
    sockets = []
    for _ in range(count):
        connection = socket.create_connection((host, int(port)))
        connection.sendall(POST)
        connection.recv(4096)
        sockets.append(connection)
    grown = beside.resident() - before
    print(f"\n{count:,} idle connections: {grown / count:,.0f} bytes of memory each ({before >> 10:,} → {(before + grown) >> 10:,} KiB)")
    rounds(Table(f"Beside {count:,} idle connections, c=64", "none idle"),
           [("none idle", lambda: wrk(alone, POSTS, 64, folder)), (f"{count:,} idle", lambda: wrk(beside, POSTS, 64, folder))])
    answered = 0
    for connection in sockets[::10]:
        connection.sendall(POST)
        answered += connection.recv(4096).startswith(b"HTTP/1.1 202")
    print(f"of the idle ones, every tenth asked again: {answered} of {len(sockets[::10])} answered")
    for connection in sockets:
        connection.close()
    alone.stop()
    beside.stop()


def start():
    times = []
    for _ in range(11):
        began = time.monotonic()
        server = ours()
        host, port = server.address.split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(POST)
            connection.recv(4096)
        times.append((time.monotonic() - began) * 1000)
        server.stop()
    print(f"\nFrom start to first answer: {statistics.median(times):.1f} ms ({min(times):.1f}–{max(times):.1f})")


def main():
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    measure.machine()
    with measure.folder() as folder:
        os.chmod(folder, 0o755)
        keep_alive(folder)
        tls(folder)
        one_core(folder)
        idle(folder)
        start()


if __name__ == "__main__":
    main()
