#!/usr/bin/env python3
"""Checks every vector against vestibule.cddl, without any of the project's own code.

    python3 -m venv .venv && .venv/bin/pip install zcbor==0.9.1 'cbor2<6'
    .venv/bin/python spec/check.py

A good vector's bytes must match the rule of its type. A malformed one must be refused if it says `"cddl": "refuses"`,
and must match if it says `cannot`: then protocol.md, not CDDL, forbids it, and a wrong note would show. A vector that
is well-formed but untrusted must match, unless it says otherwise. Decisions are looked at message by message.
"""

import collections
import functools
import json
import pathlib
import sys

import zcbor
import zcbor.zcbor.zcbor as library

# The library names decoded fields after their types and stumbles over two of one type; only the verdict matters here.
library.namedtuple = functools.partial(collections.namedtuple, rename=True)

SPEC = pathlib.Path(__file__).resolve().parent
CDDL = (SPEC / "vestibule.cddl").read_text(encoding="utf-8")
RULES = zcbor.DataTranslator.from_cddl(cddl_string=CDDL, default_max_qty=1_000_000).my_types
UNSIGNED = {"detail", "opening", "receipt", "downlink", "to_cloud", "to_media", "from_media"}
# Where the library departs from RFC 8610: it counts the characters of a text, not its bytes, and minds the order of a
# map's keys.
LIBRARY_ACCEPTS = {"rule-grant-name-65-bytes-utf-8"}
LIBRARY_REFUSES = {"envelope-protected-reordered", "payload-unordered-keys"}


def matches(rule, data):
    try:
        RULES[rule].validate_str(data)
    except (ValueError, KeyError, EOFError, zcbor.CddlValidationError):
        return False
    return True


def rule_of(kind):
    return kind if kind in UNSIGNED else f"signed-{kind}"


def must_match(vector):
    if vector["name"] in LIBRARY_ACCEPTS | LIBRARY_REFUSES:
        return vector["name"] in LIBRARY_ACCEPTS
    return vector.get("cddl") != "refuses"


def faults_of_message(vector):
    if vector["type"] == "roster_next":
        envelopes = [vector["hex"], *vector.get("next", [])]
        wrong = [number for number, text in enumerate(envelopes) if not matches("signed-roster", bytes.fromhex(text))]
        return [f"envelope {number} does not match" for number in wrong]
    found = matches(rule_of(vector["type"]), bytes.fromhex(vector["hex"]))
    if found == must_match(vector):
        return []
    return ["CDDL accepts it" if found else "CDDL refuses it"]


def faults_of_decision(vector):
    return [
        f"message {number} ({message['type']}) does not match"
        for number, message in enumerate(vector["messages"])
        if message.get("cddl") != "refuses" and not matches(rule_of(message["type"]), bytes.fromhex(message["hex"]))
    ]


def main():
    passed = failed = 0
    for path in sorted((SPEC / "vectors").glob("*/*.json")):
        vector = json.loads(path.read_text(encoding="utf-8"))
        faults = faults_of_decision(vector) if path.name.startswith("decision-") else faults_of_message(vector)
        for fault in faults:
            print(f"{path.parent.name}/{path.name}: {fault}")
        passed, failed = passed + (not faults), failed + bool(faults)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
