"""What all benchmarks share: processes, CPU time, wrk, rounds, medians, tables. Needs nothing beyond Python and Debian."""
import atexit, contextlib, os, re, signal, socket, statistics, subprocess, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
TICK = os.sysconf("SC_CLK_TCK")
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS_A_RUN", "2"))


def built(name):
    """The path of a program of this package."""
    return os.path.join(ROOT, ".build-benchmarks", "release", name)


GATEWAY = os.path.join(ROOT, ".build", "release", "journey-gateway")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def order(items):
    """A shop's order as compact JSON: 1 KB with 2 items, 3 KB with 11, 100 KB with 400."""
    lines = [{"id": 4661090 + n, "title": f"Chandail d'été n° {n}", "sku": f"SKU-{n:05}", "quantity": n % 3 + 1,
              "price": f"{19.90 + n:.2f}", "grams": 250 * n, "taxable": n % 2 == 0, "vendor": "Boutique \"Nord\"",
              "properties": [{"name": "colour", "value": "blue"}], "discounts": [], "variant": None}
             for n in range(items)]
    return {"id": 8201 + items, "order_number": 1001, "currency": "CAD", "total_price": "409.94", "test": False,
            "created_at": "2026-01-31T09:30:00-05:00", "tags": "vip, newsletter", "note": None,
            "customer": {"id": 115310627, "first_name": "Camille", "last_name": "Côté", "phone": "+1 514 555-0199",
                         "email": "camille@example.com", "orders_count": 7, "accepts_marketing": True},
            "shipping_address": {"address1": "123 rue Amélie", "city": "Montréal", "zip": "H2X 1Y4",
                                 "country_code": "CA", "latitude": 45.5088, "longitude": -73.554},
            "line_items": lines}


class Server:
    """A process that serves; `children` counts its workers' CPU time too."""

    def __init__(self, command, address=None, folder=None, pin=None, scheme="http", path="/hook"):
        if pin is not None:
            command = ["taskset", "-c", str(pin)] + command
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, text=True)
        self.address = address or self.process.stdout.readline().strip()
        atexit.register(self.process.kill)
        self.scheme, self.path = scheme, path
        wait_for(self.address)

    @property
    def url(self):
        return f"{self.scheme}://{self.address}{self.path}"

    def processes(self):
        pids = [self.process.pid]
        with contextlib.suppress(OSError):
            with open(f"/proc/{pids[0]}/task/{pids[0]}/children") as children:
                pids += [int(pid) for pid in children.read().split()]
        return pids

    def cpu(self):
        """Seconds of user and system time so far."""
        return sum(cpu_of(pid) for pid in self.processes())

    def resident(self):
        """Bytes in memory."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/status") as status:
                total += int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) * 1024
        return total

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def cpu_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def wait_for(address, seconds=20):
    host, port = address.rsplit(":", 1)
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((host, int(port)), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.002)


def nginx(folder, answer="return 202;", tls=None, pin=None, workers=2):
    port = free_port()
    listen = f"127.0.0.1:{port}" + (" ssl" if tls else "")
    certificates = f"ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]}; ssl_protocols TLSv1.3;" if tls else ""
    config = os.path.join(folder, f"nginx-{port}.conf")
    with open(config, "w") as file:
        file.write(f"""
daemon off; master_process on; worker_processes {workers}; pid {folder}/nginx-{port}.pid; error_log {folder}/nginx.log crit;
worker_rlimit_nofile 30000;
events {{ worker_connections 12000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 75s; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen {listen} backlog=4096; {certificates} location / {{ {answer} }} }}
}}""")
    return Server(["nginx", "-p", folder, "-c", config], address=f"127.0.0.1:{port}", pin=pin,
                  scheme="https" if tls else "http")


def certificate(folder):
    chain, key = os.path.join(folder, "chain.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=localhost", "-days", "2", "-keyout", key, "-out", chain],
                   check=True, stderr=subprocess.DEVNULL)
    return chain, key


def request(body, fields=(), path="/hook", close=False):
    """A POST as a sender writes it: some 300 bytes of header."""
    head = [f"POST {path} HTTP/1.1", "Host: gateway.example.com", "User-Agent: Shop-Webhooks/1.0 (+https://shop.example)",
            "Accept: */*", "Accept-Encoding: gzip, deflate", "Content-Type: application/json",
            "X-Shop-Topic: orders/create", "X-Shop-Domain: nord.example.com", *fields,
            f"Content-Length: {len(body)}"] + (["Connection: close"] if close else [])
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def wrk(server, requests, connections, folder, seconds=SECONDS, depth=1):
    """Sends `requests`, which have one length, in turn, `depth` of them at once on each connection. Requests a second, p50 and
    p99 in ms, CPU µs a request."""
    script, data = os.path.join(folder, "request.lua"), os.path.join(folder, "requests")
    with open(data, "wb") as file:
        file.write(b"".join(raw * depth for raw in requests))
    with open(script, "w") as file:
        file.write(f"""
local size, requests, last, threads = {len(requests[0]) * depth}, {{}}, 0, 0
function setup(thread) thread:set("first", threads * 7919) threads = threads + 1 end
function init()
    local file = io.open("{data}", "rb")
    for raw in function() return file:read(size) end do requests[#requests + 1] = raw end
    last = first
end
function request()
    last = last + 1
    return requests[last % #requests + 1]
end
""" + """
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
""")
    before, start = server.cpu(), time.monotonic()
    output = subprocess.run(["wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s", "-s", script, server.url],
                            capture_output=True, text=True).stdout
    used = server.cpu() - before
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", output)
    if not found:
        raise RuntimeError(output)
    count, duration, half, most, errors = map(int, found.groups())
    # wrk's latencies of pipelined requests are those of whole batches.
    return {"rate": count / duration * 1e6, "p50": half / 1000 if depth == 1 else None,
            "p99": most / 1000 if depth == 1 else None, "cpu": used / max(count, 1) * 1e6, "errors": errors}


class Table:
    """Collects results of rounds, and prints medians, ranges and what each is of the reference."""

    def __init__(self, title, reference=None):
        self.title, self.reference, self.rows = title, reference, {}

    def add(self, name, result):
        self.rows.setdefault(name, []).append(result)

    def median(self, name, value):
        return statistics.median(result[value] for result in self.rows[name])

    def print(self):
        print(f"\n{self.title}, medians of {max(map(len, self.rows.values()))}\n")
        print("| | a second | range | of reference | p50 ms | p99 ms | CPU µs | errors |\n|---|---|---|---|---|---|---|---|")
        base = self.median(self.reference, "rate") if self.reference else None
        for name, results in self.rows.items():
            rates = [result["rate"] for result in results]
            ratio = f"{statistics.median(rates) / base:.2f}" if base else ""
            cells = [f"{self.median(name, value):.{digits}f}" if results[0].get(value) is not None else ""
                     for value, digits in (("p50", 2), ("p99", 2), ("cpu", 1))]
            errors = sum(result.get("errors") or 0 for result in results)
            print(f"| {name} | {statistics.median(rates):,.0f} | {min(rates):,.0f}–{max(rates):,.0f} | {ratio} | "
                  + " | ".join(cells) + f" | {errors or ''} |", flush=True)


def rounds(table, runs):
    """Interleaved: every run once a round."""
    for _ in range(ROUNDS):
        for name, run in runs:
            table.add(name, run())
    table.print()


def machine():
    with open("/proc/cpuinfo") as info:
        model = re.search(r"model name\s*:\s*(.*)", info.read()).group(1)
    print(f"{os.cpu_count()} cores ({model}), load {os.getloadavg()[0]:.1f} at the start; client and servers share them", flush=True)


def folder():
    """A place on the disk that the stores are measured on, not in memory."""
    return tempfile.TemporaryDirectory(prefix="measured-", dir=os.path.join(ROOT, ".build-benchmarks"))
