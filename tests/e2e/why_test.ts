import { assertMatch, assertStringIncludes } from "@std/assert";
import { hookBundle } from "../fixtures/hook_bundle.ts";
import { testWhere } from "../test_where.ts";
import { type Rig, startRig, whyNoRig } from "./rig.ts";
import { INSIDE } from "./room.ts";
import { VERSIONS } from "./versions.ts";
import { startWhy, WHY_ROWS } from "./why_rows.ts";

/** Programs that do nothing: a node that is powered up boots for ever. */
const NOTHING = { resume: "/bin/true", suspend: "/bin/true", resumeFail: "/bin/true" };

for (const version of VERSIONS) {
  testWhere(
    whyNoRig(version),
    `why asks a real slurmctld, without any configuration, on Slurm ${version}`,
    async () => {
      const bundle = await hookBundle();
      const rig = await startRig({
        version,
        nodes: 3,
        resumeTimeout: 600,
        suspendTime: 3600,
        hooks: NOTHING,
      });
      try {
        await answers(rig, bundle);
      } finally {
        await rig.close();
      }
    },
  );
}

/** Of `deno task verify:why`: the row that needs no instance. */
const HELD = WHY_ROWS.find(({ name }) => name.startsWith("SLURM: what slurmctld holds back"))!;

for (const version of VERSIONS) {
  testWhere(whyNoRig(version), `why names ${HELD.name} on Slurm ${version}`, async () => {
    const asked = await startWhy(version, HELD);
    try {
      await HELD.run(asked);
    } finally {
      await asked.close();
    }
  });
}

async function answers(rig: Rig, bundle: string): Promise<void> {
  const why = async (subject: string) => {
    const argv = [INSIDE.deno, "run", "-A", "--no-config", "--no-lock", `${bundle}/main.js`, "why", subject];
    const { code, stdout, stderr } = await rig.run(argv, { env: { DENO_DIR: `${rig.dir}/deno` } });
    return code === 0 ? stdout : stderr;
  };
  const submit = async (...args: readonly string[]) => {
    const { stdout } = await rig.run(["sbatch", "--parsable", "-D", "/tmp", ...args, "--wrap", "true"]);
    return stdout.trim();
  };
  const reason = "VcpuLimitExceeded: the account's limit [slurm-ec2 until=2099-01-01T00:00:00Z]";
  await rig.run(["scontrol", "update", "NodeName=c1", "State=down", `Reason=${reason}`]);
  const [held, refused, boots] = [await submit("-H"), await submit("-w", "c1"), await submit("-w", "c0")];

  assertStringIncludes(await why(held), `job ${held}: SLURM:JobHeldUser – its owner holds it`);
  await rig.until(
    "the refused node keeps its job waiting",
    30,
    async () => /QUOTA:VcpuLimitExceeded – the AWS account's own limit is reached/.test(await why(refused)),
  );
  await rig.until(
    "the other job's node boots",
    30,
    async () => /BOOTING:POWERING_UP – node c0 boots/.test(await why(boots)),
  );
  assertStringIncludes(await why("c0"), "node c0: BOOTING:POWERING_UP");
  assertMatch(await why("c1"), /node c1: QUOTA:VcpuLimitExceeded .*\nsince .*\nnext .*2099-01-01T00:00:00Z/s);
  assertStringIncludes(await why("c2"), "node c2: NONE:POWERED_DOWN");
  assertStringIncludes(await why("4711"), "Slurm does not know job 4711");
  assertStringIncludes(await why("nobody"), 'Slurm knows no node "nobody"');
}
