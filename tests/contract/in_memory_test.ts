import { inMemoryAws } from "../../lib/sim/in_memory.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { ec2Contract, type Maker, quotasContract, ssmContract, stsContract } from "./contract.ts";

const IN_MEMORY: Maker = {
  make: () => {
    const { ec2, ssm, sts, quotas } = inMemoryAws();
    return Promise.resolve({
      fixture: {
        ec2,
        ssm,
        sts,
        quotas,
        imageId: WORLD.imageIds.x86_64,
        subnetId: WORLD.subnetIds[0],
        keyName: WORLD.keyName,
        securityGroupId: WORLD.securityGroupId,
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
};

ec2Contract("simulator in memory", IN_MEMORY);
ssmContract("simulator in memory", IN_MEMORY);
stsContract("simulator in memory", IN_MEMORY);
quotasContract("simulator in memory", IN_MEMORY);
