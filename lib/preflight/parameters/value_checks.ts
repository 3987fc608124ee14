import type { Parameter } from "../../aws/ssm_api.ts";
import type { CheckResult } from "../check_result.ts";
import type { ValueKind, WantedValue } from "./wanted_value.ts";

/** A value that can be looked up in EC2: ids, or the name of a key pair. */
export interface CheckedValue {
  readonly findings: readonly CheckResult[];
  /** Empty where the text is not a list. */
  readonly ids: readonly string[];
}

/**
 * Stacks of the legacy plugin create image parameters with this value and fill them in after the image build.
 * https://github.com/aws-samples/aws-eda-slurm-cluster/tree/v1.1.2
 */
const UNDEFINED = "UNDEFINED";

/** Judges the text of a value by what it must look like; what EC2 knows of it is another matter. */
export function checkValue(wanted: WantedValue, text: string, type?: Parameter["type"]): CheckedValue {
  const trimmed = text.trim();
  const ids = readIds(wanted.kind, trimmed);
  const found = whatIsWrong(wanted.kind, trimmed, ids);
  // Somebody may have put a secret into the wrong parameter.
  const wrong = found !== undefined && type === "SecureString"
    ? "holds what it must not (hidden: SecureString)"
    : found;
  if (wrong !== undefined) {
    const meant = type === "SecureString" ? undefined : whatIsMeant(wanted.kind, trimmed);
    return { ids: [], findings: [finding(wanted, "fail", wrong, meant)] };
  }
  const remarks = [
    ...(text === trimmed ? [] : [
      finding(
        wanted,
        "warn",
        `holds white space around "${trimmed}": hooks cut it off, other programs do not`,
        trimmed,
      ),
    ]),
    ...typeRemarks(wanted, type, trimmed),
  ];
  return { ids, findings: remarks };
}

/** What a value names in EC2; nothing where its text is not of its kind. */
export function idsIn(kind: ValueKind, text: string): readonly string[] {
  const trimmed = text.trim();
  const ids = readIds(kind, trimmed);
  return whatIsWrong(kind, trimmed, ids) === undefined ? ids : [];
}

function readIds(kind: ValueKind, text: string): readonly string[] {
  if (kind !== "securityGroups") return [text];
  return [...new Set(text.split(",").map((id) => id.trim()).filter((id) => id !== ""))];
}

function whatIsWrong(kind: ValueKind, text: string, ids: readonly string[]): string | undefined {
  if (text === "") return "is empty";
  if (text === UNDEFINED) {
    return `holds "${UNDEFINED}", which the legacy stack writes until its image build has ended`;
  }
  if (/^["'].*["']$/s.test(text)) return `holds ${text}: the quotes are part of the value`;
  if (kind === "keyPair") return undefined;
  if (kind === "image") {
    if (/^ami-[0-9a-f]{8,17}$/.test(text)) return undefined;
    if (/^ami-[^,\s]+[,\s]/.test(text)) {
      return `holds "${text}": one AMI id is wanted, without spaces or commas`;
    }
    return `holds "${text}", not an AMI id such as ami-0123456789abcdef0`;
  }
  if (ids.length === 0) return `holds "${text}", which names no security group`;
  const bad = ids.find((id) => !/^sg-[0-9a-f]{8,17}$/.test(id));
  if (bad === undefined) return undefined;
  return /\s/.test(bad)
    ? `holds "${text}": several ids are separated by commas, not by spaces`
    : `holds "${bad}", not a security group id such as sg-0123456789abcdef0`;
}

/** The value without quotes around it and with commas between ids, where that makes it a good one. */
function whatIsMeant(kind: ValueKind, text: string): string | undefined {
  const bare = text.replace(/^(["'])(.*)\1$/s, "$2").trim();
  const value = kind === "securityGroups" ? bare.split(/[\s,;]+/).filter((id) => id !== "").join(",") : bare;
  return whatIsWrong(kind, value, readIds(kind, value)) === undefined ? value : undefined;
}

function typeRemarks(wanted: WantedValue, type: Parameter["type"] | undefined, value: string): CheckResult[] {
  if (type === "StringList" && wanted.kind !== "securityGroups") {
    return [finding(wanted, "warn", "is a StringList, and one value is wanted: type String says so", value)];
  }
  if (type !== "SecureString") return [];
  return [{
    ...finding(
      wanted,
      "info",
      "is a SecureString: its readers need kms:Decrypt, and the value is not a secret",
    ),
    fix: "Delete it and write it again with type String, unless everyone who launches may use its key",
  }];
}

function finding(
  wanted: WantedValue,
  status: CheckResult["status"],
  evidence: string,
  value?: string,
): CheckResult {
  return { check: "value", status, what: wanted.what, evidence, fix: valueFix(wanted, value) };
}

/** Examples for the commands that write a value. */
const EXAMPLE: Readonly<Record<ValueKind, string>> = {
  image: "ami-0123456789abcdef0",
  keyPair: "my-key",
  securityGroups: "sg-0123456789abcdef0",
};

/** The command that writes a parameter, or where in the configuration the value stands. */
export function valueFix({ name, kind, what, region }: WantedValue, value = EXAMPLE[kind]): string {
  if (name === undefined) return `Correct it in the configuration: ${what}`;
  return `aws ssm put-parameter --region ${region} --overwrite --type String --name ${name} --value ${
    shellWord(value)
  }`;
}

/** A word as a shell takes it whole. */
export function shellWord(text: string): string {
  return /^[\w.,:\/@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
