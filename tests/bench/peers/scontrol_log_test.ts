import { assertEquals } from "@std/assert";
import { nodeUpdates, scontrolCalls, SEPARATOR, toldStates } from "./scontrol_log.ts";

const pure = { permissions: "none" } as const;
const log = (...calls: readonly (readonly string[])[]) =>
  calls.map((args) => `${args.map((arg) => arg + SEPARATOR).join("")}\n`).join("");

Deno.test("scontrolCalls() keeps arguments with blanks whole", pure, () => {
  assertEquals(scontrolCalls(log(["show", "config"], ["update", "Reason=no room"])), [
    ["show", "config"],
    ["update", "Reason=no room"],
  ]);
  assertEquals(scontrolCalls(""), []);
});

Deno.test("nodeUpdates() pairs names with addresses in either spelling", pure, () => {
  const updates = nodeUpdates([
    ["show", "nodes"],
    ["update", "NodeName=c[1-2]", "NodeAddr=10.0.0.1,10.0.0.2"],
    ["update", "nodename=d1", "nodeaddr=10.0.0.3", "instanceid=i-1"],
  ]);
  assertEquals([...updates].map(([name, { address, instanceId }]) => [name, address, instanceId]), [
    ["c1", "10.0.0.1", undefined],
    ["c2", "10.0.0.2", undefined],
    ["d1", "10.0.0.3", "i-1"],
  ]);
});

Deno.test("toldStates() counts last words only, without the time in them", pure, () => {
  const updates = nodeUpdates([
    ["update", "NodeName=c[1-3]", "NodeAddr=a,b,c"],
    ["update", "NodeName=c1", "State=DOWN", "Reason=until=2026-01-01T00:00:01Z (Code:X)"],
    ["update", "NodeName=c2", "State=DOWN", "Reason=until=2026-01-01T00:00:02Z (Code:X)"],
  ]);
  assertEquals(toldStates(updates), [{ nodes: 2, state: "down", reason: "until=TIME (Code:X)" }]);
});
