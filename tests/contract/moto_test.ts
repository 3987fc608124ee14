import { ec2Contract, type Maker, quotasContract, ssmContract, stsContract } from "./contract.ts";
import { MOTO_DEVIATIONS } from "./moto_deviations.ts";
import { motoServerPath, startMoto } from "./moto_server.ts";

const path = motoServerPath();

/** Without moto the tests are skipped, saying so; in CI they must run, so there they fail. */
const skip = path === undefined && Deno.env.get("CI") !== "true"
  ? "no moto_server on PATH or in SLURM_EC2_MOTO (pip install 'moto[server]')"
  : undefined;

const MOTO: Maker = { make: () => startMoto(path ?? "moto_server"), deviations: MOTO_DEVIATIONS, skip };

ec2Contract("moto", MOTO);
ssmContract("moto", MOTO);
stsContract("moto", MOTO);
quotasContract("moto", MOTO);
