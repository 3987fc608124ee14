import { assertEquals, assertRejects } from "@std/assert";
import { type ScontrolApi, ScontrolError } from "../../../lib/slurm/scontrol_api.ts";
import { InMemoryScontrol } from "../../../lib/slurm/scontrol_in_memory.ts";
import { scontrolOfHost } from "../../../lib/slurm/scontrol_of_host.ts";

const pure = { permissions: "none" } as const;

/** A slurmctld that answers nothing. */
const SILENT = new Proxy({}, {
  get: () => () => Promise.reject(new ScontrolError("timeout", "silent")),
}) as ScontrolApi;

Deno.test(
  "scontrolOfHost() asks and changes by its own slurmctld, and leaves the other one alone",
  pure,
  async () => {
    const [own, all] = [new InMemoryScontrol(["c0"]), new InMemoryScontrol(["c0"])];
    const scontrol = scontrolOfHost(own, all);
    await scontrol.showNodes(["c0"]);
    await scontrol.updateState(["c0"], "power_up");
    assertEquals([own.calls.length > 0, all.calls], [true, []]);
  },
);

Deno.test(
  "scontrolOfHost() asks the other one where its own is silent, and changes nothing by it",
  pure,
  async () => {
    const all = new InMemoryScontrol(["c0"]);
    const scontrol = scontrolOfHost(SILENT, all);
    assertEquals((await scontrol.showNodes(["c0"])).map(({ name }) => name), ["c0"]);
    await scontrol.showConfig();
    await scontrol.showPartitions();
    const asked = all.calls.length;
    for (
      const change of [
        () => scontrol.updateState(["c0"], "power_up"),
        () => scontrol.updateAddresses([{ nodeName: "c0", nodeAddr: "10.0.0.1", nodeHostname: "c0" }]),
        () => scontrol.updateJobComment([1], "x"),
        () => scontrol.notifyTerminal(1, "x"),
      ]
    ) await assertRejects(change, ScontrolError);
    assertEquals(all.calls.length, asked);
  },
);

Deno.test("scontrolOfHost() hides no fault of ours behind the other one", pure, async () => {
  const faulty = new Proxy({}, { get: () => () => Promise.reject(new TypeError("a fault")) }) as ScontrolApi;
  await assertRejects(() => scontrolOfHost(faulty, new InMemoryScontrol(["c0"])).showNodes(), TypeError);
});
