import { assert, assertEquals, assertMatch } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { startCluster } from "./cluster.ts";
import { jobState, live, setState, submit } from "./observe.ts";
import { whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

const NODES = 20;
const MOST = 3;
const CLUSTER = {
  slurmUser: "slurm",
  nodes: NODES,
  groups: [{ name: "c", nodes: `c[0-${NODES - 1}]`, instanceType: "c7i.xlarge" }],
  suspendTime: 3600,
  resumeTimeout: 300,
} as const;

for (const version of VERSIONS.slice(0, 1)) {
  testWhere(
    whyNoRig(version),
    `limits.maxNodes holds under ${NODES} jobs at once on Slurm ${version}`,
    async () => {
      const cluster = await startCluster({
        version,
        ...CLUSTER,
        limits: { launchCheckSeconds: 0, cooldown: 3_600, maxNodes: MOST },
      });
      try {
        const { rig } = cluster;
        const jobs = await Promise.all(Array.from({ length: NODES }, (_, i) => submit(rig, `c${i}`)));
        const most: number[] = [];
        await rig.until(`${MOST} jobs have run, and the others are held`, 60, async () => {
          most.push((await cluster.instances()).filter(({ state }) => /pending|running/.test(state)).length);
          const states = await Promise.all(jobs.map((job) => jobState(rig, job)));
          const { stdout } = await rig.run(["sinfo", "-h", "-N", "-o", "%N %t"]);
          const down = stdout.split("\n").filter((line) => / down/.test(line)).length;
          return states.filter((state) => state.startsWith("COMPLETED")).length === MOST &&
            down === NODES - MOST;
        });
        assert(Math.max(...most) <= MOST, `${Math.max(...most)} instances at a time`);
        assertEquals((await cluster.instances()).length, MOST);
        const { stdout } = await rig.run(["sinfo", "-h", "-R", "-o", "%E"]);
        assertMatch(stdout, /LimitMaxNodes: .*held by limits\.maxNodes: 3 of 3 nodes/);
      } finally {
        await cluster.close();
      }
    },
  );

  testWhere(
    whyNoRig(version),
    `limits.maxHourlyCost holds under ${NODES} hooks at once on Slurm ${version}`,
    async () => {
      const cluster = await startCluster({
        version,
        ...CLUSTER,
        slurmctldCallsHooks: false,
        limits: { cooldown: 600, maxHourlyCost: 0.65 },
      });
      try {
        const { rig, site } = cluster;
        const list = `${rig.dir}/run/prices.yaml`;
        await Deno.writeTextFile(list, "c7i.xlarge: 0.2\n");
        const { code, stderr } = await cluster.command("config", "prices", "--prices", list);
        assertEquals(code, 0, stderr);
        await setState(rig, `c[0-${NODES - 1}]`, "power_up");
        const hooks = await Promise.all(
          Array.from(
            { length: NODES },
            (_, i) => rig.run([`${site}/bin/resume`, `c${i}`], { user: "slurm" }),
          ),
        );
        assertEquals(hooks.filter(({ code }) => code !== 0).map(({ stderr }) => stderr), []);
        const most: number[] = [];
        await rig.until(`${MOST} nodes have instances, and the others are held`, 90, async () => {
          most.push((await live(cluster)).length);
          const { stdout } = await rig.run(["sinfo", "-h", "-N", "-o", "%N %t"]);
          return most.at(-1) === MOST &&
            stdout.split("\n").filter((line) => / down/.test(line)).length === NODES - MOST;
        });
        assert(Math.max(...most) <= MOST, `${Math.max(...most)} instances at a time`);
        assertEquals((await cluster.instances()).length, MOST);
        const { stdout } = await rig.run(["sinfo", "-h", "-R", "-o", "%E"]);
        assertMatch(stdout, /LimitMaxHourlyCost: .*held by limits\.maxHourlyCost: 0\.60+ of 0\.650* USD\/h/);
      } finally {
        await cluster.close();
      }
    },
  );
}
