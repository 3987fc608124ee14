import type { Parameter } from "../../aws/ssm_api.ts";
import { didYouMean } from "../../base/did_you_mean.ts";
import { type Answer, foundValue, MISSING } from "../answer.ts";
import type { CheckResult } from "../check_result.ts";
import { type CheckedValue, checkValue, idsIn, shellWord, valueFix } from "./value_checks.ts";
import { prefixesOf, type WantedConfig, type WantedValue } from "./wanted_value.ts";

/** What Parameter Store said. */
export interface ParameterFacts {
  /** Every value that the configuration implies: what was asked for. */
  readonly wanted: readonly WantedValue[];
  /** By name: what the configuration implies, in all its spellings. */
  readonly parameters: ReadonlyMap<string, Answer<Parameter>>;
  /** By prefix: all that there is below it; absent where nobody looked. */
  readonly listings: ReadonlyMap<string, Answer<readonly Parameter[]>>;
}

/** What a value names in EC2, by SSM's answer or by the configuration itself; nothing where that is not known. */
export function idsOf(
  { kind, name, configured }: WantedValue,
  { parameters }: Pick<ParameterFacts, "parameters">,
) {
  const text = name === undefined ? configured : foundValue(parameters.get(name))?.value;
  return text === undefined ? [] : idsIn(kind, text);
}

/** Is the value there, under which name, and does its text look right? */
export function checkParameter(
  wanted: WantedValue,
  facts: Pick<ParameterFacts, "parameters" | "listings">,
): CheckedValue {
  if (wanted.name === undefined) return checkValue(wanted, wanted.configured ?? "");
  const answer = facts.parameters.get(wanted.name) ?? MISSING;
  if (answer.kind === "refused") {
    return { ids: [], findings: [refusedFinding("parameter", wanted.what, answer)] };
  }
  if (answer.kind === "missing") return { ids: [], findings: [missing(wanted, facts)] };
  const { value, type, version } = answer.value;
  const { ids, findings } = checkValue(wanted, value, type);
  const found: CheckResult = {
    check: "parameter",
    status: "pass",
    what: wanted.what,
    evidence: `${holds(answer.value)} (${type}${version > 0 ? `, version ${version}` : ""})`,
  };
  return { ids, findings: [...(ids.length > 0 ? [found] : []), ...findings] };
}

function holds({ type, value }: Parameter): string {
  return type === "SecureString" ? "holds a value that is not shown" : `holds "${value.trim()}"`;
}

/** A value as it may be printed: a SecureString's is shown to nobody. */
export function shownValue({ type, value }: Pick<Parameter, "type" | "value">): string {
  return type === "SecureString" ? "(hidden: SecureString)" : value;
}

/** A value in a table: in quotes where white space around it would not be seen. */
export function quotedWhereUnseen(value: string): string {
  return value === value.trim() ? value : JSON.stringify(value);
}

function missing(
  wanted: WantedValue,
  { parameters, listings }: Pick<ParameterFacts, "parameters" | "listings">,
): CheckResult {
  const base = { check: "parameter", status: "fail", what: wanted.what } as const;
  for (const name of wanted.otherNames) {
    const other = foundValue(parameters.get(name));
    if (other === undefined) continue;
    return {
      ...base,
      evidence:
        `is missing; "${name}" is there, which this configuration does not read (ssm.prefix, ssm.spelling)`,
      fix: `${valueFix(wanted, other.type === "SecureString" ? undefined : other.value.trim())} # or set ${
        settingFor(name)
      } in the configuration`,
    };
  }
  const guess = nearestName(
    wanted.name!,
    [...listings.values()].flatMap((listing) => foundValue(listing) ?? []),
  );
  return {
    ...base,
    evidence: `is missing${guess === undefined ? "" : `; a similar name is there: "${guess}"`}`,
    fix: valueFix(wanted),
  };
}

/** A name that differs in one word only, as a slip of the pen does; numbers and regions are meant as they are. */
function nearestName(name: string, known: readonly Parameter[]): string | undefined {
  const words = name.split("/");
  return known.map((parameter) => parameter.name).find((other) => {
    const others = other.split("/");
    const differing = words.flatMap((word, i) => (word === others[i] ? [] : [i]));
    const [at] = differing;
    return others.length === words.length && differing.length === 1 && at !== words.length - 1 &&
      !/^[0-9.]+$/.test(words[at!]!) && didYouMean(words[at!]!, [others[at!]!]) !== undefined;
  });
}

/** The settings that make hooks read a name. */
function settingFor(name: string): string {
  const [, prefix = "", family = ""] = /^\/(.*?)\/(SlurmNode[^/]*)\//.exec(name) ?? [];
  return `ssm: {prefix: ${prefix}${family.startsWith("SlurmNodeAmi") ? `, spelling: ${family}` : ""}}`;
}

/** AWS would not say: never taken for "missing". */
export function refusedFinding(
  check: string,
  what: string,
  { code, message }: { readonly code: string; readonly message: string },
): CheckResult {
  return {
    check,
    status: "can't tell",
    what,
    evidence: `AWS refused to say: ${code}: ${message.replace(/\.$/, "")}`,
    code,
    fix: "Compare the caller's policy with what this prints: slurm-ec2 iam policy",
  };
}

/** Parameters of our families. */
const FAMILY = /^\/.*\/SlurmNode(Amis?|Ec2KeyPairs|SecurityGroups)(\/|$)/;

/** What of our families lies below the prefixes and is read by no hook of this configuration. */
export function checkUnused(
  config: WantedConfig,
  { wanted, listings }: Pick<ParameterFacts, "wanted" | "listings">,
): CheckResult[] {
  const used = new Set(wanted.flatMap(({ name }) => name ?? []));
  return prefixesOf(config).flatMap((prefix): CheckResult[] => {
    const listing = listings.get(prefix);
    const what = `/${prefix}/`;
    if (listing === undefined || listing.kind === "missing") return [];
    if (listing.kind === "refused") return [refusedFinding("unused", what, listing)];
    const names = listing.value.map(({ name }) => name).filter((name) => !used.has(name));
    return names.map((name): CheckResult => ({
      check: "unused",
      status: "info",
      what: name,
      evidence: `is not read by this configuration${whyUnused(name, config)}`,
      fix: `aws ssm delete-parameter --region ${config.region} --name ${
        shellWord(name)
      } # if nobody needs it`,
    }));
  });
}

function whyUnused(name: string, { region, ssm }: WantedConfig): string {
  const family = FAMILY.exec(name)![1]!;
  const spelling = family.startsWith("Ami") ? `SlurmNode${family}` : ssm.spelling;
  if (!name.startsWith(`/${ssm.prefix}/`)) return `, whose ssm.prefix is ${ssm.prefix}`;
  if (spelling !== ssm.spelling) return `, whose ssm.spelling is ${ssm.spelling}`;
  if (!name.endsWith(`/${region}`)) return `, whose region is ${region}`;
  return ": no node group has this operating system and architecture";
}
