import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws } from "../../lib/sim/wire/server.ts";
const dir = "/tmp/bx/b";
const P = {
  [`/bench/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/bench/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/bench/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};
const aws = serveAws({ parameters: P, instanceTypes: await snapshotInstanceTypes(), port: 45871 } as never);
Deno.writeTextFileSync(
  `${dir}/scontrol`,
  `#!/bin/sh
case "$*" in *"show config"*) echo "ResumeTimeout           = 600 sec"; echo "SuspendTimeout          = 60 sec";; esac
`,
  { mode: 0o755 },
);
Deno.writeTextFileSync(
  `${dir}/c.yaml`,
  `cluster: bench
region: ${WORLD.region}
aws: { endpoints: { ec2: "${aws.url}", ssm: "${aws.url}" } }
slurm: { binDir: ${dir} }
stateDir: ${dir}/state
logFile: ${dir}/log
defaults: { os: { distribution: Rocky, version: "9" } }
nodeGroups:
  - { name: c, nodes: "c[0-5999]", instanceTypes: [c7i.large], subnets: [${WORLD.subnetIds[0]}] }
limits: { launchCheckSeconds: 0 }
`,
);
console.log(aws.url);
await new Promise(() => {});
