import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import type { Image } from "../../lib/aws/ec2_api.ts";
import { collectPages } from "../../lib/aws/paginate.ts";
import { isNotFound, isUnauthorized } from "../../lib/aws/error_codes.ts";
import { AwsError } from "../../lib/aws/aws_error.ts";
import type { Paint, Tone } from "../../lib/base/paint.ts";
import { textTable } from "../../lib/base/text_table.ts";
import type { Config } from "../../lib/config/model.ts";
import { type CheckResult, isFound } from "../../lib/preflight/check_result.ts";
import { judgeValue } from "../../lib/preflight/parameters/judge.ts";
import { quotedWhereUnseen, shownValue } from "../../lib/preflight/parameters/parameter_checks.ts";
import {
  planWrites,
  type PutValues,
  unreadNames,
  valuesByName,
  type Write,
} from "../../lib/preflight/parameters/put_plan.ts";
import { resultsText } from "../../lib/preflight/report.ts";
import { gatherEc2, gatherParameters, withValues } from "../../lib/preflight/parameters/run.ts";
import { wantedValues } from "../../lib/preflight/parameters/wanted_value.ts";
import { writeParameters, type Written } from "../../lib/preflight/parameters/write_parameters.ts";
import { CommandError, CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { nodeGroupNamed } from "../base/node_group_name.ts";
import { painter } from "../base/painter.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { callsBar, type Progress } from "../base/progress.ts";
import { askPorts, type SsmPorts } from "./ports.ts";
import { readSource, SOURCE_FLAGS } from "./sources.ts";
import { readSlurm, SLURM_FLAGS } from "../base/slurm_flags.ts";
import { tableColumns } from "../base/table_columns.ts";

const FLAGS = [
  CONFIG_FLAG,
  { name: "image", value: "ID", summary: "Image of the node groups of its architecture" },
  {
    name: "ami-from",
    value: "IMAGE",
    summary: "The same by the image's name, which must be one of the account's own",
  },
  { name: "key-pair", value: "NAME", summary: "Key pair" },
  { name: "security-groups", value: "IDS", summary: "Security groups, separated by commas" },
  ...SOURCE_FLAGS,
  { name: "group", value: "NAME", repeat: true, summary: "Only the parameters of this node group" },
  ...SLURM_FLAGS,
  { name: "overwrite", summary: "Replace other values, too" },
  { name: "apply", summary: "Write" },
  JSON_FLAG,
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 ssm put`. */
export const ssmPut = defineCommand({
  name: "ssm put",
  summary: "Write the SSM parameters of this configuration; without --apply say what would be written.",
  flags: FLAGS,
  examples: [
    {
      command: "slurm-ec2 ssm put --ami-from slurm-node-2026-11-23",
      says: "After an image build: what would be written?",
    },
    { command: "slurm-ec2 ssm put --ami-from slurm-node-2026-11-23 --overwrite --apply", says: "Write it" },
    {
      command: "slurm-ec2 ssm put --key-pair cluster-key --security-groups sg-0123456789abcdef0 --apply",
      says: "The first time",
    },
    {
      command: "slurm-ec2 ssm put --from-prefix old-stack --from-spelling SlurmNodeAmis",
      says: "Take over a legacy stack's",
    },
  ],
  notes:
    "Every value is checked as ssm validate does before anything is written; one that fails is refused.\n" +
    "Writes type String; a parameter that is there keeps its type.",
  exits: {
    [ExitCode.Done]: "written, or without --apply: nothing speaks against it",
    [ExitCode.Failed]: "refused: a value fails its checks, or none could be written",
    [ExitCode.Partly]: "some were kept (see --overwrite) or not written",
  },
  permissions: { ...NO_PERMISSIONS, net: ["ec2", "ssm", "sts"], read: ["config", "named", "aws"], env: true },
  run: runPut,
});

async function runPut(host: Host, flags: Given): Promise<ExitCode> {
  const slurm = readSlurm(flags);
  const config = ofGroups(loadConfig(host, flags), flags.all("group"));
  const bar = callsBar(host.stderr, { quiet: flags.has("json") });
  const outcome = await put(host, flags, { config, slurm, bar }).finally(() => bar.stop());
  host.stdout.write(
    flags.has("json")
      ? json(outcome)
      : text(outcome, await painter(host, host.stdout), tableColumns(host.stdout)),
  );
  return exitCode(outcome);
}

async function put(
  host: Host,
  flags: Given,
  { config, slurm, bar }: {
    readonly config: Config;
    readonly slurm: ReturnType<typeof readSlurm>;
    readonly bar: Progress;
  },
): Promise<Outcome> {
  const ports = await askPorts(host, config, bar);
  const values = await readPutValues(host, flags, { config, ports });
  const there = await gatherParameters(ports, config);
  const future = withValues(there, values);
  const facts = { ...future, ec2: await gatherEc2(ports, config, future) };
  const options = { now: host.now(), instanceTypes: await snapshotInstanceTypes(), ...slurm };
  const findings = facts.wanted.filter(({ name }) => name !== undefined && values.has(name))
    .flatMap((wanted) => judgeValue(config, wanted, { facts, options }))
    .filter(isFound);
  const writes = planWrites(values, there.parameters, { overwrite: flags.has("overwrite") });
  const refused = findings.some(({ status }) => status === "fail");
  const written = flags.has("apply") && !refused ? await writeParameters(ports, writes) : undefined;
  return { writes, findings, written, refused };
}

/** The configuration with the node groups named only. */
function ofGroups(config: Config, names: readonly string[]): Config {
  if (names.length === 0) return config;
  for (const name of names) nodeGroupNamed(config, name);
  return { ...config, nodeGroups: config.nodeGroups.filter(({ name }) => names.includes(name)) };
}

interface Site {
  readonly config: Config;
  readonly ports: SsmPorts;
}

async function readPutValues(host: Host, flags: Given, site: Site): Promise<ReadonlyMap<string, string>> {
  const source = await readSource(host, flags, site);
  const own = await readOwnValues(host, flags, site);
  if (source === undefined && own === undefined) {
    throw new UsageError(
      "Nothing to write: name values by --image, --ami-from, --key-pair, --security-groups, --from or --from-prefix",
    );
  }
  const wanted = wantedValues(site.config);
  const named = own === undefined ? new Map<string, string>() : valuesByName(wanted, own);
  if (!(named instanceof Map)) throw new UsageError(named.message);
  const values = new Map([...source ?? [], ...named]);
  const unread = unreadNames(values, wanted);
  if (unread.length > 0) {
    throw new UsageError(
      `Not read by this configuration: ${unread.join(", ")}; ssm validate lists the names that are`,
    );
  }
  return values;
}

async function readOwnValues(host: Host, flags: Given, site: Site): Promise<PutValues | undefined> {
  const [id, name] = [flags.get("image"), flags.get("ami-from")];
  const [keyPair, securityGroups] = [flags.get("key-pair"), flags.get("security-groups")];
  if (id !== undefined && name !== undefined) {
    throw new UsageError("--image and --ami-from exclude each other");
  }
  if ([id, name, keyPair, securityGroups].every((given) => given === undefined)) return undefined;
  const image = id !== undefined
    ? await imageById(site, id)
    : name !== undefined
    ? await imageByName(host, site, name)
    : undefined;
  return {
    ...(image && { image }),
    ...(keyPair !== undefined && { keyPair }),
    ...(securityGroups !== undefined && { securityGroups }),
  };
}

async function imageById({ config, ports }: Site, id: string): Promise<Image> {
  if (!/^ami-[0-9a-f]{8,17}$/.test(id)) {
    throw new UsageError(`Not an AMI id: "${id}"; by its name say --ami-from`);
  }
  try {
    const { items } = await ports.ec2.describeImages({ ImageIds: [id] });
    if (items[0] !== undefined) return items[0];
  } catch (error) {
    if (!(error instanceof AwsError) || !(isNotFound(error.code) || error.code.endsWith(".Malformed"))) {
      throw error;
    }
  }
  throw new CommandError(
    `Image ${id} does not exist in ${config.region}, or is not shared with this account`,
  );
}

/** Only the account's own images count: anybody may publish an image of any name. */
async function imageByName(host: Host, { config, ports }: Site, name: string): Promise<Image> {
  const { account } = await (await host.connect.sts(config)).getCallerIdentity();
  const Filters = [
    { Name: "name", Values: [name.replace(/[*?\\]/g, "\\$&")] },
    { Name: "owner-id", Values: [account] },
  ];
  const images = await collectPages((NextToken) =>
    ports.ec2.describeImages({ Filters, ...(NextToken !== undefined && { NextToken }) })
  );
  const [image, ...others] = images;
  if (image === undefined) {
    throw new CommandError(`Account ${account} has no image "${name}" in ${config.region}`);
  }
  if (others.length === 0) return image;
  throw new CommandError(
    `Account ${account} has ${images.length} images "${name}": name one by --image (${
      images.map(({ imageId }) => imageId).join(", ")
    })`,
  );
}

interface Outcome {
  readonly writes: readonly Write[];
  readonly findings: readonly CheckResult[];
  /** Absent where nothing was to be written. */
  readonly written: readonly Written[] | undefined;
  readonly refused: boolean;
}

function exitCode({ writes, written, refused }: Outcome): ExitCode {
  if (refused) return ExitCode.Failed;
  const failed = (written ?? []).filter(({ error }) => error !== undefined).length;
  if (failed > 0 && failed === written!.length) return ExitCode.Failed;
  return failed > 0 || writes.some(({ action }) => action === "keep") ? ExitCode.Partly : ExitCode.Done;
}

function json({ writes, findings, written, refused }: Outcome): string {
  const errors = new Map(
    written?.map((
      { name, error, version },
    ) => [name, { version, code: error?.code, message: error?.message }]),
  );
  const report = {
    applied: written !== undefined,
    refused,
    writes: writes.map(({ name, value, action, before }) => ({
      name,
      action,
      value,
      ...(before && { before: shownValue(before) }),
      ...errors.get(name),
    })),
    findings,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function text(
  { writes, findings, written, refused }: Outcome,
  paint: Paint,
  columns: number | undefined,
): string {
  const results = new Map(written?.map((one) => [one.name, one]));
  const rows = writes.map(({ name, value, action, before }) => [
    outcomeWord(action, results.get(name)),
    name,
    value,
    before === undefined ? "–" : quotedWhereUnseen(shownValue(before)),
  ]);
  const failures = (written ?? []).flatMap(({ name, error }) =>
    error === undefined ? [] : `${name}: ${error.code}: ${error.message}\n`
  );
  const table = textTable(
    ["WHAT", "PARAMETER", "VALUE", "BEFORE"],
    rows,
    (cell, column) => column === 0 ? paint(TONES[cell] ?? "dim", cell) : cell,
    columns,
  );
  const report = findings.length === 0 ? "" : `\n${resultsText(findings, paint, columns)}`;
  const denied = (written ?? []).some(({ error }) => error !== undefined && isUnauthorized(error.code));
  if (denied) {
    failures.push("A policy that allows to write is what this prints: slurm-ec2 iam policy --with-put\n");
  }
  return `${table}${report}${failures.length > 0 ? `\n${failures.join("")}` : ""}\n${
    lastLine({ writes, written, refused })
  }\n`;
}

const PLAN_WORD: Readonly<Record<Write["action"], string>> = {
  create: "create",
  change: "change",
  same: "same",
  keep: "keep",
};

const TONES: Readonly<Record<string, Tone>> = {
  create: "remark",
  change: "remark",
  keep: "doubtful",
  created: "good",
  changed: "good",
  FAILED: "bad",
};

function outcomeWord(action: Write["action"], result: Written | undefined): string {
  if (result === undefined) return PLAN_WORD[action];
  return result.error === undefined ? (action === "create" ? "created" : "changed") : "FAILED";
}

function lastLine({ writes, written, refused }: Omit<Outcome, "findings">): string {
  const todo = writes.filter(({ action }) => action === "create" || action === "change").length;
  const kept = writes.filter(({ action }) => action === "keep").length;
  const rest = kept > 0 ? `; ${kept} kept, which --overwrite replaces` : "";
  if (refused) return "Nothing is written: correct what fails above";
  if (written === undefined) {
    return todo > 0 ? `Nothing is written yet: --apply writes ${todo}${rest}` : `Nothing to write${rest}`;
  }
  const done = written.filter(({ error }) => error === undefined).length;
  return `Wrote ${done} of ${todo}${rest}`;
}
