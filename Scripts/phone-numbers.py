"""Compares phone() with PyPI's phonenumbers, whose metadata must be that of Debian's libphonenumber.

  phone-numbers.py golden COUNT           writes `region, text, E.164 or nothing` a line, COUNT for each of 30 regions
  phone-numbers.py compare COUNT BINARY   asks `BINARY eval --lines` the same, and names what differs
"""

import json
import random
import subprocess
import sys

import phonenumbers as p

REGIONS = "AE AR AU BR CA CH CN DE EG ES FR GB ID IE IN IT JP KE KR MX NG NL PL PT SA SE SG TR US ZA".split()
TYPES = [p.PhoneNumberType.MOBILE, p.PhoneNumberType.FIXED_LINE, p.PhoneNumberType.TOLL_FREE, p.PhoneNumberType.VOIP]
FORMATS = [p.PhoneNumberFormat.NATIONAL, p.PhoneNumberFormat.INTERNATIONAL, p.PhoneNumberFormat.E164,
           p.PhoneNumberFormat.RFC3966]


def written(draw, region):
    """A number as somebody may write it: mostly right, sometimes with a digit too few or too many, or none in use."""
    example = p.example_number_for_type(region, draw.choice(TYPES)) or p.example_number(region)
    digits = list(p.national_significant_number(example))
    for place in draw.sample(range(len(digits)), draw.randint(0, len(digits) // 2)):
        digits[place] = str(draw.randint(0, 9))
    kind = draw.random()
    if kind < 0.08:
        digits.pop(draw.randrange(len(digits)))
    elif kind < 0.16:
        digits.insert(draw.randrange(len(digits) + 1), str(draw.randint(0, 9)))
    elif kind < 0.22:
        digits = [str(draw.randint(0, 9)) for _ in range(draw.randint(1, 15))]
    number = p.PhoneNumber(country_code=example.country_code, national_number=int("".join(digits)))
    if digits[0] == "0":
        number.italian_leading_zero = True
    text = p.format_number(number, draw.choice(FORMATS))
    style = draw.random()
    if style < 0.15:
        text = "".join(c for c in text if c.isdigit() or c == "+")
    elif style < 0.25:
        text = text.replace("-", " ").replace(" ", draw.choice([".", "/", "  ", "\u00a0", " - "]))
    elif style < 0.30:
        text = text.translate({ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789+"})
    elif style < 0.35:
        text = "00" + text[1:] if text.startswith("+") else "tel: " + text
    elif style < 0.40:
        text = "".join(digits)
    return text


def expected(region, text):
    try:
        number = p.parse(text, region)
    except p.NumberParseException:
        return None
    return p.format_number(number, p.PhoneNumberFormat.E164) if p.is_valid_number(number) else None


def cases(count):
    draw = random.Random(20260131)
    for region in REGIONS:
        for _ in range(count):
            text = written(draw, region)
            yield region, text, expected(region, text)


def compare(count, binary):
    all_cases = list(cases(count))
    lines = [json.dumps({"expression": "phone(text, region)", "given": {"text": t, "region": r}}) for r, t, _ in all_cases]
    answers = subprocess.run([binary, "eval", "--lines"], input="\n".join(lines) + "\n", capture_output=True, text=True,
                             check=True).stdout.splitlines()
    assert len(answers) == len(all_cases)
    differences = 0
    for (region, text, want), answer in zip(all_cases, answers):
        found = json.loads(answer).get("result")
        if found != want:
            differences += 1
            print(f"{region} {text!r}: phonenumbers says {want}, phone() {answer}")
    valid = sum(want is not None for _, _, want in all_cases)
    print(f"{len(all_cases)} numbers of {len(REGIONS)} regions, {valid} of them valid: {differences} differences")
    return differences


if sys.argv[1] == "golden":
    for region, text, want in cases(int(sys.argv[2])):
        print(region, text, want or "", sep="\t")
else:
    sys.exit(1 if compare(int(sys.argv[2]), sys.argv[3]) else 0)
