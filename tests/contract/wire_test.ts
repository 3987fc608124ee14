import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws } from "../../lib/sim/wire/server.ts";
import { clientsAt } from "./clients.ts";
import { ec2Contract, type Maker, quotasContract, ssmContract, stsContract } from "./contract.ts";

const WIRE: Maker = {
  make: () => {
    const aws = serveAws();
    const clients = clientsAt(aws.url);
    return Promise.resolve({
      fixture: {
        ...clients,
        imageId: WORLD.imageIds.x86_64,
        subnetId: WORLD.subnetIds[0],
        keyName: WORLD.keyName,
        securityGroupId: WORLD.securityGroupId,
      },
      async [Symbol.asyncDispose]() {
        clients.destroy();
        await aws.close();
      },
    });
  },
};

ec2Contract("simulator on the wire, through the SDK", WIRE);
ssmContract("simulator on the wire, through the SDK", WIRE);
stsContract("simulator on the wire, through the SDK", WIRE);
quotasContract("simulator on the wire, through the SDK", WIRE);
