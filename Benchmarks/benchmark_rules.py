#!/usr/bin/python3
"""JSON and rules against Foundation, simdjson, Python's json and jmespath.py: CPU time of one thread, round by round."""
import json, statistics, subprocess, time
import jmespath
import measure

EXPRESSIONS = [
    "body.order_number", "body.customer.first_name", "body.customer.email", "body.total_price",
    "body.shipping_address.city", "body.line_items[0].title", "length(body.line_items)", "body.currency",
    "body.customer.last_name", "body.shipping_address.country_code", "body.line_items[*].sku | [0]", "body.customer.phone",
    "body.created_at", "join(', ', body.line_items[*].title)", "body.line_items[-1].price", "body.customer.orders_count",
    "body.note || 'none'", "body.customer.accepts_marketing", "body.line_items[?quantity > `1`].title | [0]",
    "body.shipping_address.zip", "body.id", "starts_with(body.tags, 'vip')", "contains(body.tags, 'newsletter')",
    "body.line_items[0].properties[0].value", "sum(body.line_items[*].quantity)", "max_by(body.line_items, &grams).title",
    "body.line_items[?taxable].sku | join(' ', @)", "body.customer.id", "to_string(body.shipping_address.latitude)",
    "body.shipping_address.address1", "not_null(body.note, body.tags)", "body.line_items[1].title", "body.test",
    "body.customer.[first_name, last_name] | join(' ', @)", "reverse(body.line_items)[0].sku", "body.line_items[2].price",
    "sort_by(body.line_items, &price)[0].title", "type(body.line_items)", "body.line_items[:3].title | join(', ', @)",
    "{name: body.customer.first_name, total: body.total_price}",
]


def python(name, budget, turn):
    """Microseconds of CPU time a turn."""
    deadline = time.process_time() + budget / 2
    while time.process_time() < deadline:
        turn()
    turns = 0
    start = time.process_time()
    while time.process_time() - start < budget:
        turn()
        turns += 1
    return name, (time.process_time() - start) / turns * 1e6


def main():
    measure.machine()
    documents = {"1k": measure.order(2), "3k": measure.order(11), "100k": measure.order(400)}
    texts = {name: json.dumps(value, ensure_ascii=False, separators=(",", ":")) for name, value in documents.items()}
    compiled = [jmespath.compile(expression) for expression in EXPRESSIONS]
    results, allocations = {}, {}

    def map_in_python():
        document = {"body": json.loads(texts["3k"])}
        for expression in compiled:
            expression.search(document)

    with measure.folder() as folder:
        for name, text in texts.items():
            with open(f"{folder}/order-{name}.json", "w") as file:
                file.write(text)
        with open(f"{folder}/expressions.json", "w") as file:
            json.dump(EXPRESSIONS, file)
        for _ in range(measure.ROUNDS):
            output = subprocess.run([measure.built("mapping"), folder, "150"], capture_output=True, text=True, check=True)
            for line in output.stdout.splitlines():
                name, microseconds, allocated = line.split("\t")
                results.setdefault(name, []).append(float(microseconds))
                allocations[name] = float(allocated)
            for name, microseconds in (
                *(python(f"json {name} json.loads", 0.15, lambda: json.loads(text)) for name, text in texts.items()),
                python("json.loads and 40 expressions of jmespath.py", 0.3, map_in_python),
            ):
                results.setdefault(name, []).append(microseconds)

    median = {name: statistics.median(values) for name, values in results.items()}
    print(f"\nEach turn in CPU time, medians of {measure.ROUNDS}; documents of "
          + ", ".join(f"{len(text.encode()):,}" for text in texts.values()) + " bytes\n")
    print("| | µs | range | MB/s | allocations |\n|---|---|---|---|---|")
    for name, values in results.items():
        size = len(texts[name.split()[1]].encode()) / median[name] if name.startswith("json ") else None
        print(f"| {name} | {median[name]:,.2f} | {min(values):,.2f}–{max(values):,.2f} | "
              + (f"{size:,.0f}" if size else "") + " | " + (f"{allocations[name]:.0f}" if name in allocations else "") + " |")
    print()
    for name in texts:
        ours = median[f"json {name} JSON"]
        print(f"- JSON of {name}: {median[f'json {name} JSONSerialization'] / ours:.1f}× as fast as JSONSerialization, "
              f"{median[f'json {name} json.loads'] / ours:.1f}× json.loads, {median[f'json {name} simdjson'] / ours:.2f}× simdjson's DOM")
    ours = median["parse and 5 rules of 8 templates"]
    print(f"- 3 KB order and 5 rules of 8 templates: {median['json.loads and 40 expressions of jmespath.py'] / ours:.1f}× "
          "as fast as json.loads and the same 40 expressions by jmespath.py")
    for kind in ("by topic", "all of one topic"):
        ratio = median[f"1 of 1000 rules matches, {kind}"] / median[f"1 of 10 rules matches, {kind}"]
        print(f"- 1,000 rules in place of 10, {kind}: {ratio:.2f}× the time")
    more = allocations["none of 1000 rules matches"] - allocations["none of 10 rules matches"]
    print(f"- a rule that does not match allocates {more / 990:.3f} blocks")


if __name__ == "__main__":
    main()
