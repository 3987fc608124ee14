import { assertEquals } from "@std/assert";
import type { Lookup } from "../../../../lib/preflight/machine/machine.ts";
import { checkName, type NameFacts } from "../../../../lib/preflight/machine/name_checks.ts";
import { fileServerOf, uniqueNames } from "../../../../lib/preflight/machine/name_facts.ts";
import { assertTold } from "./told.ts";

const found = (...values: string[]): Lookup => ({ kind: "found", values });
const NONE: Lookup = { kind: "none" };
const CUT: Lookup = { kind: "cut", what: "A ctl from 10.0.0.2", seconds: 4 };
const DENIED: Lookup = { kind: "denied", what: "ask 10.0.0.2" };
const SERVFAIL: Lookup = { kind: "failed", code: "SERVFAIL" };

const RIGHT: NameFacts = {
  name: "ctl.site.example",
  role: "controller",
  own: found("10.1.0.1"),
  resolvers: new Map([["10.0.0.2", found("10.1.0.1")]]),
  reverse: [{ address: "10.1.0.1", names: found("ctl.site.example", "ctl") }],
};
const by = (lookup: Lookup) => ({ resolvers: new Map([["10.0.0.2", lookup]]), reverse: [] });
const alone = { resolvers: new Map(), reverse: [] };
const back = (names: Lookup, resolver?: string) => ({
  resolvers: new Map(),
  reverse: [{ address: "10.1.0.1", names, ...(resolver && { resolver }) }],
});

const CASES: readonly (readonly [says: string, change: Partial<NameFacts>, wanted: readonly string[]])[] = [
  ["all right", {}, ["pass: 10.1.0.1", "pass: 10.1.0.1", "pass: ctl.site.example, ctl"]],
  ["unknown here", { ...alone, own: NONE }, ["fail: this machine knows no ctl.site.example"]],
  ["a node unknown here", { ...alone, own: NONE, role: "node" }, [
    "warn: this machine knows no ctl.site.example: ssh and MPI",
  ]],
  ["SERVFAIL here", { ...alone, own: SERVFAIL }, ["fail: this machine's resolver answers SERVFAIL"]],
  ["silence here", { ...alone, own: CUT }, ["fail: no answer for ctl.site.example within 4 s"]],
  ["no permission", { ...alone, own: DENIED }, [
    "can't tell: this slurm-ec2 was started without the permission to ask",
  ]],
  ["loopback on a node", { ...alone, own: found("127.0.1.1") }, [
    "fail: ctl.site.example is 127.0.1.1 here: that is this",
  ]],
  ["loopback on itself", { ...alone, own: found("127.0.1.1"), isOwn: true }, [
    "warn: ctl.site.example is 127.0.1.1 here: no",
  ]],
  ["IPv6 loopback", { ...alone, own: found("::1") }, ["fail: ctl.site.example is ::1 here"]],
  ["one of two is loopback", { ...alone, own: found("127.0.0.1", "10.1.0.1") }, [
    "pass: 127.0.0.1, 10.1.0.1",
  ]],
  ["as slurm.conf has it", { ...alone, expected: "10.1.0.1" }, ["pass: 10.1.0.1"]],
  ["not as slurm.conf has it", { ...alone, expected: "10.1.0.9" }, [
    "fail: 10.1.0.1 on this machine, but Slurm holds 10.1.0.9",
  ]],
  ["a node's earlier address", { ...alone, role: "node", expected: "10.1.0.9" }, [
    "warn: 10.1.0.1 on this machine, but Slurm",
  ]],
  ["Slurm holds a name", { ...alone, role: "node", expected: "c0" }, ["pass: 10.1.0.1"]],
  ["the resolver differs", by(found("10.9.9.9")), [
    "pass: 10.1.0.1",
    "fail: 10.0.0.2 says 10.9.9.9, this machine says 10.1.0.1",
  ]],
  ["the resolver knows more", by(found("10.9.9.9", "10.1.0.1")), [
    "pass: 10.1.0.1",
    "pass: 10.9.9.9, 10.1.0.1",
  ]],
  ["the resolver has none", by(NONE), ["pass: 10.1.0.1", "fail: 10.0.0.2 knows no ctl.site.example"]],
  ["the resolver has no node", { ...by(NONE), role: "node" }, ["pass: 10.1.0.1", "info: 10.0.0.2 knows no"]],
  ["the resolver fails", by(SERVFAIL), ["pass: 10.1.0.1", "fail: 10.0.0.2 answers SERVFAIL"]],
  ["the resolver is silent", by(CUT), ["pass: 10.1.0.1", "fail: 10.0.0.2 does not answer within 4 s"]],
  ["nobody may ask", by(DENIED), ["pass: 10.1.0.1", "can't tell: this slurm-ec2"]],
  ["back to another host", back(found("printer.site.example")), [
    "pass: 10.1.0.1",
    "warn: this machine calls it printer",
  ]],
  ["back to a short name", back(found("CTL")), ["pass: 10.1.0.1", "pass: CTL"]],
  ["no way back", back(NONE), ["pass: 10.1.0.1", "warn: this machine knows no name for it"]],
  ["no way back to a node", { ...back(NONE), role: "node" }, [
    "pass: 10.1.0.1",
    "info: this machine knows no name",
  ]],
  ["EC2's own name of a node", { ...back(found("ip-10-1-0-1.ec2.internal"), "10.0.0.2"), role: "node" }, [
    ...["pass: 10.1.0.1", "info: ip-10-1-0-1.ec2.internal: EC2's own name"],
  ]],
  ["EC2's own name of the controller", back(found("ip-10-1-0-1.ec2.internal"), "10.0.0.2"), [
    ...["pass: 10.1.0.1", "warn: 10.0.0.2 calls it ip-10-1-0-1.ec2.internal"],
  ]],
  ["the way back fails", back(SERVFAIL, "10.0.0.2"), [
    "pass: 10.1.0.1",
    "warn: 10.0.0.2 gets SERVFAIL for it",
  ]],
  ["the way back is silent", back(CUT), [
    "pass: 10.1.0.1",
    "warn: this machine has no answer for it within 4 s",
  ]],
  ["the way back is barred", back(DENIED), ["pass: 10.1.0.1", "can't tell: this slurm-ec2"]],
];

for (const [says, change, wanted] of CASES) {
  Deno.test({
    name: `checkName() judges a name: ${says}`,
    permissions: "none",
    fn: () => assertTold(checkName({ ...RIGHT, ...change }), wanted, says),
  });
}

Deno.test("fileServerOf() is the host in a source, by mount's spellings", { permissions: "none" }, () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ["nas1:/export/home", "nfs4", "nas1"],
    ["nas1.site.example:/", "nfs", "nas1.site.example"],
    ["10.0.0.1:/x", "nfs", "10.0.0.1"],
    ["[fd00::1]:/x", "nfs", "fd00::1"],
    ["//files/share", "cifs", "files"],
    ["fs-0123.fsx.eu-west-1.amazonaws.com@tcp:/fsx", "lustre", "fs-0123.fsx.eu-west-1.amazonaws.com"],
    ["10.0.0.1@tcp,10.0.0.2@tcp:/fsx", "lustre", "10.0.0.1"],
    ["fs-0123abcd:/", "efs", undefined],
    ["/dev/nvme1n1", "xfs", undefined],
    ["tmpfs", "tmpfs", undefined],
  ];
  for (const [source, type, host] of cases) assertEquals(fileServerOf({ source, type }), host, source);
});

Deno.test("uniqueNames() leaves addresses out and a name's first role in", { permissions: "none" }, () => {
  const names = uniqueNames([
    { name: "ctl", role: "controller" },
    { name: "10.0.0.1", role: "file server" },
    { name: "ctl", role: "host" },
    { name: "nas1", role: "file server" },
  ]);
  assertEquals(names.map(({ name, role }) => `${name} ${role}`), ["ctl controller", "nas1 file server"]);
});
