import { checkClauses, type Clause, type Deviation } from "./clause.ts";
import { DRY_RUN_CLAUSES } from "./dry_run_contract.ts";
import { EC2_DESCRIBE_CLAUSES } from "./ec2_describe_contract.ts";
import { EC2_LAUNCH_CLAUSES } from "./ec2_launch_contract.ts";
import type { AwsFixture } from "./fixture.ts";
import { QUOTAS_CLAUSES } from "./quotas_contract.ts";
import { SSM_CLAUSES } from "./ssm_contract.ts";
import { STS_CLAUSES } from "./sts_contract.ts";

/** An implementation of the ports, made for one test. */
export interface Implementation extends AsyncDisposable {
  readonly fixture: AwsFixture;
}

/** How to make an {@link Implementation}, and where it is known to differ from AWS. */
export interface Maker {
  readonly make: () => Promise<Implementation>;
  readonly deviations?: readonly Deviation[];
  /** Why it can't be checked here; absent: it can. */
  readonly skip?: string;
}

/** Registers the EC2 port's contract as a test of one implementation. */
export function ec2Contract(name: string, maker: Maker): void {
  register("EC2", [...EC2_LAUNCH_CLAUSES, ...EC2_DESCRIBE_CLAUSES, ...DRY_RUN_CLAUSES], { name, ...maker });
}

/** Registers the SSM port's contract as a test of one implementation. */
export function ssmContract(name: string, maker: Maker): void {
  register("SSM", SSM_CLAUSES, { name, ...maker });
}

/** Registers the STS port's contract as a test of one implementation. */
export function stsContract(name: string, maker: Maker): void {
  register("STS", STS_CLAUSES, { name, ...maker });
}

/** Registers the Service Quotas port's contract as a test of one implementation. */
export function quotasContract(name: string, maker: Maker): void {
  register("Service Quotas", QUOTAS_CLAUSES, { name, ...maker });
}

function register(
  port: string,
  clauses: readonly Clause<AwsFixture>[],
  { name, make, deviations = [], skip }: Maker & { readonly name: string },
): void {
  const title = `contract of ${port}: ${name}${skip === undefined ? "" : ` (skipped: ${skip})`}`;
  const names = new Set(clauses.map((clause) => clause.name));
  Deno.test({
    name: title,
    ignore: skip !== undefined,
    async fn(test) {
      await using implementation = await make();
      const ours = deviations.filter(({ clause }) => names.has(clause));
      await checkClauses(test, clauses, { fixture: implementation.fixture, deviations: ours });
    },
  });
}
