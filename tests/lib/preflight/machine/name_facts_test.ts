import { assertEquals } from "@std/assert";
import type { Lookup } from "../../../../lib/preflight/machine/machine.ts";
import { lookUpNames, resolveHere } from "../../../../lib/preflight/machine/name_facts.ts";
import { complaint, fakeMachine } from "./fake_machine.ts";

const NOTHING = complaint("", 2);

Deno.test("resolveHere() is what getaddrinfo finds, each address once", { permissions: "none" }, async () => {
  const machine = fakeMachine({
    "getent ahosts ctl":
      "10.1.0.1       STREAM ctl.site.example\n10.1.0.1       DGRAM\n10.1.0.1       RAW\n10.1.0.2 STREAM\n",
  });
  assertEquals(await resolveHere(machine, "ctl"), { kind: "found", values: ["10.1.0.1", "10.1.0.2"] });
});

const REASONS: readonly (readonly [resolv: string, said: Lookup, wanted: Lookup["kind"]])[] = [
  ["nameserver 10.0.0.2\n", { kind: "none" }, "none"],
  ["search x\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n", { kind: "failed", code: "SERVFAIL" }, "failed"],
  ["nameserver 10.0.0.2\n", { kind: "cut", what: "x", seconds: 4 }, "cut"],
  // A record that only the first resolver has now: getaddrinfo's word counts.
  ["nameserver 10.0.0.2\n", { kind: "found", values: ["10.1.0.1"] }, "none"],
  ["# none\n", { kind: "failed", code: "SERVFAIL" }, "none"],
];

Deno.test(
  "resolveHere() asks the first resolver why nothing was found",
  { permissions: "none" },
  async () => {
    for (const [resolv, said, wanted] of REASONS) {
      const programs = { "getent ahosts ctl": NOTHING, "cat -- /etc/resolv.conf": resolv };
      const machine = fakeMachine(programs, [], { "10.0.0.2 A ctl": said });
      assertEquals((await resolveHere(machine, "ctl")).kind, wanted, resolv);
    }
  },
);

Deno.test(
  "lookUpNames() goes back from every address that is not a loopback",
  { permissions: "none" },
  async () => {
    const machine = fakeMachine(
      {
        "getent ahosts ctl": "127.0.0.1 STREAM ctl\n10.1.0.1 STREAM\n",
        "getent hosts 10.1.0.1": "10.1.0.1        ctl.site.example ctl\n",
      },
      [],
      {
        "10.0.0.2 A ctl": { kind: "found", values: ["10.1.0.9"] },
        "10.0.0.2 PTR 9.0.1.10.in-addr.arpa": { kind: "found", values: ["other.example"] },
      },
    );
    const [facts] = await lookUpNames(machine, [{ name: "ctl", role: "controller" }], ["10.0.0.2"]);
    assertEquals(facts!.reverse, [
      { address: "10.1.0.1", names: { kind: "found", values: ["ctl.site.example", "ctl"] } },
      { address: "10.1.0.9", resolver: "10.0.0.2", names: { kind: "found", values: ["other.example"] } },
    ]);
  },
);
