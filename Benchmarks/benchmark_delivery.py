#!/usr/bin/python3
"""Delivery where the quota is no limit: calls a second to a server on this machine, with every attempt and outcome on disk."""
import re, subprocess, time, urllib.request
import measure
from benchmark_durable import gateway
from measure import GATEWAY, Server, built, request, wrk

# Of many people: one person's deliveries wait for each other.
POSTS = [request(b'{"person": "%08d", "name": "Camille", "total": "409.94"}' % person) for person in range(20_000)]
CONFIG = """
listen: 127.0.0.1:PORT
admin: { listen: "127.0.0.1:ADMIN", metrics: open }
store: sqlite:events.db
sprinklr:
  baseURL: http://DESTINATION
  key: benchmark
  token: benchmark
  quota: { perSecond: 1000000, perHour: 1000000000 }
journeys: { order: 64ad5aaeda4f3f1b3fea3eda }
sources:
  shop: { path: /hook }
rules:
  - name: order
    source: shop
    trigger:
      journey: order
      snType: SMS
      snId: "{{ body.person }}"
      contextParams: { name: "{{ body.name }}", total: "{{ body.total }}" }
"""


def main():
    measure.machine()
    destination = Server([built("accept-server"), "1"])
    with measure.folder() as folder:
        admin = measure.free_port()
        config = CONFIG.replace("DESTINATION", destination.address).replace("ADMIN", str(admin))
        server = gateway(folder, config, admin=None)

        def delivered():
            with urllib.request.urlopen(f"http://127.0.0.1:{admin}/metrics") as answer:
                text = answer.read().decode()
            return sum(float(value) for value in re.findall(r'^journey_gateway_deliveries\{[^}]*state="delivered"[^}]*\} (\S+)', text, re.M))

        def tell(command):
            subprocess.run([GATEWAY, command, "--config", "gateway.yaml"], cwd=folder, check=True, stdout=subprocess.DEVNULL)

        tell("pause")
        filled = wrk(server, POSTS, 256, folder, seconds=10)
        before, began, cpu = delivered(), time.monotonic(), server.cpu()
        tell("resume")
        print(f"\na backlog, filled at {filled['rate']:,.0f} events a second, one delivery each:")
        rates, last = [], before
        while True:
            time.sleep(1)
            now = delivered()
            if now == last:
                break
            rates.append(now - last)
            last = now
        seconds, used = time.monotonic() - began - 1, server.cpu() - cpu
        rates.sort()
        print(f"{last - before:,.0f} deliveries in {seconds:.1f} s: {(last - before) / seconds:,.0f} a second "
              f"(each second {rates[0]:,.0f}–{rates[-1]:,.0f}), {used / max(last - before, 1) * 1e6:,.0f} µs of CPU each, "
              f"{server.resident() >> 20} MiB in memory")
        server.stop()
        destination.stop()


if __name__ == "__main__":
    main()
