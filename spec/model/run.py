#!/usr/bin/env python3
"""Runs the model as it stands, then every mutation of it, and compares each query's outcome with what is expected.

    python3 spec/model/run.py [path to proverif]

A mutation removes one thing that the protocol relies on. It must break the properties named beside it and leave the
others standing: a property that nothing breaks proves little. The last line counts outcomes.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

MODEL = (pathlib.Path(__file__).resolve().parent / "vestibule.pv").read_text(encoding="utf-8")
QUERIES = {1: "grant", 2: "assignment", 3: "presentation", 4: "recording", 5: "once", 6: "guest"}
LEAK = re.compile(r"\(event \w+Leaked\(.*?; out\(net, \w+\)\)")

GRANT_CHECK = "let (=grantT, i: id, =d, p: pkey, e: bitstring) = checksign(sg, pkR) in"
PRESENTED = "out(net, sign((presentationT, q, g, a, salt, l), skV))"
PRESENTATION_CHECK = "let (=presentationT, =q, =g, =a, salt: nonce, l: bitstring) = checksign(sp, v) in"
PROVED = "out(net, sign((proofT, d, q, g, f), skC))"
PROOF_CHECK = "let (=proofT, =d, =q, =g, f: frame) = checksign(sc, pkC) in"

# name: (replacements, numbers of the queries that must break)
MUTATIONS = {
    "as_it_stands": ([], set()),
    "provider_key_supplied_by_the_cloud": (
        [("k: slot));", "k: slot, p0: pkey));"),
         ("let (=delegationT, =p, w: pkey) = checksign(sd, p) in",
          "let (=delegationT, =p0, w: pkey) = checksign(sd, p0) in"),
         ("let (=assignmentT, =d, =p, =e, v: pkey) = checksign(sa, w) in",
          "let (=assignmentT, =d, =p0, =e, v: pkey) = checksign(sa, w) in"),
         ("let a = h((assignmentT, d, p, e, v)) in", "let a = h((assignmentT, d, p0, e, v)) in")],
        {2, 3}),
    "device_not_enrolled": (
        [("k: slot));", "k: slot, v0: pkey));"),
         ("checksign(sp, v)", "checksign(sp, v0)")],
        {3}),
    "presentation_binds_nonce_and_parcel_only": (
        [(PRESENTED, "out(net, sign((presentationT, n, salt, l), skV))"),
         (PRESENTATION_CHECK, "let (=presentationT, =n, salt: nonce, l: bitstring) = checksign(sp, v) in")],
        {3}),
    "no_nonce_in_the_presentation": (
        [(PRESENTED, "out(net, sign((presentationT, g, a, salt, l), skV))"),
         (PRESENTATION_CHECK, "let (=presentationT, =g, =a, salt: nonce, l: bitstring) = checksign(sp, v) in")],
        {3}),
    "no_nonce_in_the_recording_proof": (
        [(PROVED, "out(net, sign((proofT, d, g, f), skC))"),
         (PROOF_CHECK, "let (=proofT, =d, =g, f: frame) = checksign(sc, pkC) in")],
        {4}),
    "no_burn": ([("event Burn(s, d, i, k);\n", "")], {5}),
    "grant_not_bound_to_the_door": (
        [("out(net, sign((grantT, i, d, p, e), skR))", "out(net, sign((grantT, i, p, e), skR))"),
         (GRANT_CHECK, "let (=grantT, i: id, p: pkey, e: bitstring) = checksign(sg, pkR) in"),
         ("let g = h((grantT, i, d, p, e)) in", "let g = h((grantT, i, p, e)) in")],
        {1}),
    "challenge_not_bound_to_the_door": (
        [("let q = h((challengeT, d, n)) in", "let q = h((challengeT, n)) in")],
        {3, 6}),
    "presentation_without_the_grant": (
        [(PRESENTED, "out(net, sign((presentationT, q, a, salt, l), skV))"),
         (PRESENTATION_CHECK, "let (=presentationT, =q, =a, salt: nonce, l: bitstring) = checksign(sp, v) in")],
        {3}),
    "presentation_without_the_assignment": (
        [(PRESENTED, "out(net, sign((presentationT, q, g, salt, l), skV))"),
         (PRESENTATION_CHECK, "let (=presentationT, =q, =g, salt: nonce, l: bitstring) = checksign(sp, v) in")],
        {3}),
    "recording_proof_without_the_grant": (
        [(PROVED, "out(net, sign((proofT, d, q, f), skC))"),
         (PROOF_CHECK, "let (=proofT, =d, =q, f: frame) = checksign(sc, pkC) in")],
        {4}),
    "assignment_not_bound_to_the_door": (
        [("out(net, sign((assignmentT, d, pk(skP), e, v), skW))", "out(net, sign((assignmentT, pk(skP), e, v), skW))"),
         ("let (=assignmentT, =d, =p, =e, v: pkey) = checksign(sa, w) in",
          "let (=assignmentT, =p, =e, v: pkey) = checksign(sa, w) in"),
         ("let a = h((assignmentT, d, p, e, v)) in", "let a = h((assignmentT, p, e, v)) in")],
        {2}),
}


def mutate(replacements):
    text = MODEL
    for old, new in replacements:
        if old not in text:
            raise SystemExit(f"the model has no line {old!r}")
        everywhere = old.startswith("let q = ")
        text = text.replace(old, new, -1 if everywhere else 1)
    return text


def run(proverif, text):
    with tempfile.NamedTemporaryFile("w", suffix=".pv", delete=False) as file:
        file.write(text)
    try:
        done = subprocess.run([proverif, file.name], capture_output=True, text=True, timeout=900, check=False)
    finally:
        pathlib.Path(file.name).unlink()
    # "RESULT (but ..." and "(even ..." tell more about an injective query that is false.
    outcomes = re.findall(r"^RESULT (?!\().* (is true|is false|cannot be proved)\.", done.stdout, re.M)
    if not outcomes:
        raise SystemExit(done.stdout[-2_000:])
    return outcomes


def honest_run():
    """Without any leak, both kinds of visit must be able to reach the opening."""
    text = LEAK.sub("0", MODEL)
    text = text[: text.index("(* 1. Every")] + REACHABLE + text[text.index("(* A resident signs") :]
    assert "Leaked(pk(" not in text, "a leak is written in another form"
    return text


REACHABLE = """
query s: session, d: door, i: id, k: slot, r: pkey, p: pkey, w: pkey, v: pkey, c: pkey,
      e: bitstring, g: bitstring, a: bitstring, l: bitstring, q: bitstring, f: frame;
  event(Open(s, d, i, k, r, p, w, v, c, e, g, a, l, q, f)).
query s: session, d: door, i: id, k: slot, r: pkey, v: pkey, c: pkey, g: bitstring, q: bitstring, f: frame;
  event(OpenGuest(s, d, i, k, r, v, c, g, q, f)).

"""


def main():
    proverif = sys.argv[1] if len(sys.argv) > 1 else "proverif"
    passed = failed = 0

    def count(name, query, found, wanted):
        nonlocal passed, failed
        passed, failed = passed + (found == wanted), failed + (found != wanted)
        if found != wanted:
            print(f"  UNEXPECTED {name}: {query} {found}, wanted {wanted}")

    for kind, found in zip(("a delivery", "a guest's visit"), run(proverif, honest_run()), strict=True):
        count("honest_run", f"{kind} is impossible", found, "is false")
    print("honest_run: both kinds of visit reach the opening, no key leaking")
    for name, (replacements, broken) in MUTATIONS.items():
        outcomes = run(proverif, mutate(replacements))
        for number, found in enumerate(outcomes, 1):
            count(name, QUERIES[number], found, "is false" if number in broken else "is true")
        print(f"{name}: " + ", ".join(f"{QUERIES[n]} {found}" for n, found in enumerate(outcomes, 1)))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
