import { decodeText } from "../../lib/config/decode.ts";
import { parseYaml } from "../../lib/config/yaml_document.ts";
import { formatProblem } from "../../lib/base/problem.ts";
import { type FileScope, readPolicyFile } from "../../lib/sim/iam/policy_file.ts";
import type { Statement } from "../../lib/sim/iam/statement.ts";
import { readFailure } from "../../lib/base/read_failure.ts";
import { UsageError } from "../base/command.ts";
import type { Host } from "../base/host.ts";

/**
 * The statements of all policy files together.
 * @throws {UsageError} with everything in them that can't be read or judged, each with file and key.
 */
export function readPolicies(host: Host, files: readonly string[], scope: FileScope): readonly Statement[] {
  const read = files.map((file) => readPolicyFile(readData(host, file), file, scope));
  const problems = read.flatMap((one) => one.problems);
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  return read.flatMap(({ statements }) => statements);
}

function readData(host: Host, file: string): unknown {
  const text = readText(host, file);
  // IAM takes JSON by the letter; only a template may be YAML.
  if (/^\s*[[{]/.test(text)) return readJson(text, file);
  const yaml = parseYaml(text);
  if (yaml.kind === "document") return yaml.document.toJS();
  if (/^AWSTemplateFormatVersion/m.test(text)) {
    throw new UsageError(
      `${file}: a template that needs a stack; give a policy of its own, e.g. what iam policy prints`,
    );
  }
  throw new UsageError(yaml.faults.map((fault) => formatProblem({ file, ...fault })).join("\n"));
}

function readText(host: Host, file: string): string {
  try {
    return decodeText(host.files.read(file), file);
  } catch (error) {
    if (error instanceof Error && error.name === "ProblemError") throw error;
    throw new UsageError(`Can't read the policy ${file}: ${readFailure(error)}`);
  }
}

function readJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: is not JSON: ${(error as Error).message}`);
  }
}
