import { readFailure } from "../../lib/base/read_failure.ts";
import { isMap, isScalar, isSeq, type Scalar } from "yaml";
import { type Problem, ProblemError } from "../../lib/base/problem.ts";
import { decodeText } from "../../lib/config/decode.ts";
import { parseYaml } from "../../lib/config/yaml_document.ts";
import { UsageError } from "../base/command.ts";
import type { Host } from "../base/host.ts";

/** A file of parameter values, read. */
export function readValues(host: Host, file: string): Map<string, string> {
  try {
    return parseValues(decodeText(host.files.read(file), file), file);
  } catch (error) {
    if (error instanceof ProblemError || !(error instanceof Error) || !UNREADABLE.has(error.name)) {
      throw error;
    }
    throw new UsageError(`Can't read ${file}: ${readFailure(error)}`);
  }
}

const UNREADABLE: ReadonlySet<string> = new Set([
  "NotFound",
  "PermissionDenied",
  "IsADirectory",
  "NotADirectory",
]);

/**
 * Parameter values by name, as YAML or JSON: `/chip/SlurmNodeEc2KeyPairs/eu-west-1: my-key`. A list becomes its items
 * joined by commas, as SSM has a StringList.
 * @throws {ProblemError} with every line that is not one of it.
 */
function parseValues(text: string, file: string): Map<string, string> {
  const yaml = parseYaml(text);
  if (yaml.kind === "unreadable") throw new ProblemError(yaml.faults.map((fault) => ({ file, ...fault })));
  const problems: Problem[] = [];
  const complain = (offset: number, message: string) =>
    void problems.push({ file, ...yaml.position(offset), message });
  const values = new Map<string, string>();
  const { contents } = yaml.document;
  if (!isMap(contents)) {
    complain(0, 'Values must be a map from parameter to value, e.g. "/chip/SlurmNodeAmi/…": ami-…');
  }
  for (const { key, value } of isMap(contents) ? contents.items : []) {
    const name = String((key as Scalar).value);
    const offset = (key as Scalar).range?.[0] ?? 0;
    if (values.has(name)) complain(offset, `Parameter ${name} has two values: leave one out`);
    if (!name.startsWith("/")) complain(offset, `Parameter ${name} must begin with a slash`);
    const text = plainText(value);
    if (text === undefined) complain(offset, `Parameter ${name} must have a text or a list of texts`);
    else values.set(name, text);
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return values;
}

/** Text as it stands in the file: YAML would read a key pair called 007 as a number. */
function plainText(node: unknown): string | undefined {
  if (isSeq(node)) {
    const items = node.items.map(plainText);
    return items.length === 0 || items.includes(undefined) ? undefined : items.join(",");
  }
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === "string" ? node.value : node.source ?? String(node.value);
}
