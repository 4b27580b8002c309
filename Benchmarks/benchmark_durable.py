#!/usr/bin/python3
"""The product as it is used: HMAC verified, JSON read, two rules mapped, 202 once the commit is on disk. Beside it nginx that
stores nothing, Hummingbird with GRDB and a transaction for each request, Redis that syncs each write, without HTTP, and the
least that it takes on this machine: a server in C that verifies the HMAC and writes the same rows, but reads no JSON."""
import hashlib, hmac, json, os, re, socket, sqlite3, statistics, subprocess, time
import fdatasync, measure
from measure import GATEWAY, Server, Table, built, nginx, rounds, wrk

SECRET = "benchmark-secret"


def post(person, path):
    """A signed order of one of many people."""
    order = measure.order(2)
    order["customer"]["email"] = f"camille{person:04}@example.com"
    order["customer"]["phone"] = f"+1 514 555-{person:04}"
    body = json.dumps(order, ensure_ascii=False, separators=(",", ":")).encode()
    return measure.request(body, [f"X-Signature: {hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"], path=path)


POSTS = [post(person, "/hook") for person in range(1_000)]
PHONES = [post(person, "/phones") for person in range(1_000)]
CONFIG = f"""
listen: 127.0.0.1:PORT
store: sqlite:events.db
sprinklr:
  baseURL: https://api2.sprinklr.com
  dryRun: true
journeys: {{ order: 64ad5aaeda4f3f1b3fea3eda, welcome: 64ad5aaeda4f3f1b3fea3edb }}
sources:
  shop:
    path: /hook
    secret: {SECRET}
    signature: {{ scheme: hmac-sha256, header: X-Signature, encoding: hex, signed: "{{body}}" }}
    topic: headers."x-shop-topic"
  shop-with-phones:
    path: /phones
    secret: {SECRET}
    signature: {{ scheme: hmac-sha256, header: X-Signature, encoding: hex, signed: "{{body}}" }}
    topic: headers."x-shop-topic"
rules:
  - name: order
    source: shop
    when: topic == 'orders/create'
    trigger:
      journey: order
      snType: EMAIL
      snId: "{{{{ body.customer.email }}}}"
      contextParams:
        orderNumber: "{{{{ body.order_number }}}}"
        total: "{{{{ body.total_price }}}} {{{{ body.currency }}}}"
        items: "{{{{ join(', ', body.line_items[].title) }}}}"
        firstName: "{{{{ body.customer.first_name }}}}"
  - name: regulars
    source: shop
    when: topic == 'orders/create' && body.customer.orders_count > `5`
    trigger:
      journey: welcome
      snType: EMAIL
      snId: "{{{{ email(body.customer.email) }}}}"
      contextParams:
        city: "{{{{ body.shipping_address.city }}}}"
        orders: "{{{{ body.customer.orders_count }}}}"
  - name: order-by-phone
    source: shop-with-phones
    when: topic == 'orders/create'
    trigger:
      journey: order
      snType: WHATSAPP_BUSINESS
      snId: "{{{{ msisdn(body.customer.phone, body.shipping_address.country_code) }}}}"
      contextParams:
        orderNumber: "{{{{ body.order_number }}}}"
"""


def gateway(folder, config=CONFIG, admin="127.0.0.1:0"):
    port = measure.free_port()
    with open(os.path.join(folder, "gateway.yaml"), "w") as file:
        file.write(config.replace("PORT", str(port)))
    options = ["--admin", admin] if admin else []
    return Server([GATEWAY, "serve", "--config", "gateway.yaml", *options], address=f"127.0.0.1:{port}", folder=folder)


def redis(folder):
    port = measure.free_port()
    return Server(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--appendonly", "yes", "--appendfsync", "always",
                   "--save", "", "--dir", folder], address=f"127.0.0.1:{port}")


def redis_benchmark(server, connections):
    port = server.address.split(":")[1]
    before, start = server.cpu(), time.monotonic()
    count = int(15_000 * measure.SECONDS)
    output = subprocess.run(["redis-benchmark", "-p", port, "-c", str(connections), "-n", str(count), "-d", str(len(POSTS[0])),
                             "-t", "lpush", "--csv"], capture_output=True, text=True, check=True).stdout
    fields = [field.strip('"') for field in output.strip().splitlines()[-1].split(",")]
    used = server.cpu() - before
    return {"rate": float(fields[1]), "p50": float(fields[4]), "p99": float(fields[6]), "cpu": used / count * 1e6}


def least(folder, gateways):
    """The server in C, with a database like the gateway's."""
    with sqlite3.connect(f"file:{gateways}?mode=ro", uri=True) as database:
        tables = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
        schema = ";".join(sql for sql, in tables) + "; INSERT INTO sequence VALUES (1, 0, 0, 0, 0)"
    return Server([built("floor-server"), os.path.join(folder, "least.db"), schema, SECRET])


def stored(path):
    """How many events are in the store, seen from outside."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return database.execute("SELECT count(*) FROM event").fetchone()[0]


def main():
    measure.machine()
    with measure.folder() as folder:
        os.chmod(folder, 0o755)
        syncs = []
        ours, reference = gateway(folder), nginx(folder)
        naive = Server([built("hummingbird-server"), os.path.join(folder, "naive.db")])
        appending, floor = redis(folder), least(folder, os.path.join(folder, "events.db"))
        accepted = 0

        def durable(connections, requests=POSTS):
            nonlocal accepted
            syncs.append(fdatasync.syncs_a_second(folder, 0.3))
            result = wrk(ours, requests, connections, folder)
            accepted += result["rate"] * measure.SECONDS
            return result

        for connections in (256, 64):
            rounds(Table(f"Durable, c={connections}", "nginx, stores nothing"), [
                ("nginx, stores nothing", lambda: wrk(reference, POSTS, connections, folder)),
                ("JourneyGateway, two rules", lambda: durable(connections)),
                ("JourneyGateway, a rule that reads a phone number", lambda: durable(connections, PHONES)),
                ("Hummingbird + GRDB", lambda: wrk(naive, POSTS, connections, folder)),
                ("Redis, appendfsync always", lambda: redis_benchmark(appending, connections)),
                ("the least: HMAC and rows, in C", lambda: wrk(floor, POSTS, connections, folder)),
            ])
        print(f"\nraw loop of write and fdatasync of 1 KB, before each run of JourneyGateway: "
              f"{statistics.median(syncs):,.0f} a second ({min(syncs):,.0f}–{max(syncs):,.0f})")
        print(f"about {accepted:,.0f} requests answered, {stored(os.path.join(folder, 'events.db')):,} events in the store; "
              f"{ours.resident() >> 20} MiB in memory")
        for server in (ours, reference, naive, appending, floor):
            server.stop()
        times = []
        for _ in range(7):
            began = time.monotonic()
            server = gateway(folder)
            host, port = server.address.split(":")
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(POSTS[0])
                connection.recv(4096)
            times.append((time.monotonic() - began) * 1000)
            server.stop()
            for name in ("events.db", "events.db-wal", "events.db-shm"):
                if os.path.exists(os.path.join(folder, name)):
                    os.unlink(os.path.join(folder, name))
        print(f"from start to first durable answer, empty store: {statistics.median(times):.0f} ms ({min(times):.0f}–{max(times):.0f})")


if __name__ == "__main__":
    main()
