import { assert, assertEquals } from "@std/assert";
import { type Document, positionAt, type SourceFile, type Span } from "../../../lib/slurm_conf/document.ts";
import { formatGithub } from "../../../lib/slurm_conf/format/github.ts";
import { formatJson } from "../../../lib/slurm_conf/format/json.ts";
import { formatSarif } from "../../../lib/slurm_conf/format/sarif.ts";
import { ansiPaint } from "../../../lib/base/ansi_paint.ts";
import { formatText } from "../../../lib/slurm_conf/format/text.ts";
import { fixFiles } from "../../../lib/slurm_conf/lint_files.ts";
import { lint } from "../../../lib/slurm_conf/lint.ts";
import { parseDocument, parseText, printFile } from "../../../lib/slurm_conf/parse.ts";
import type { LintFinding } from "../../../lib/slurm_conf/rule.ts";
import { RULES } from "../../../lib/slurm_conf/rules/mod.ts";
import { SUPPORTED_VERSIONS } from "../../../lib/slurm_conf/versions.ts";

/** Pieces that the parser and the rules look at, to be thrown together. */
const PIECES: readonly string[] = [
  "NodeName=",
  "PartitionName=",
  "NodeSet=",
  "DownNodes=",
  "PowerAction=",
  "Include ",
  "include self.conf",
  "DEFAULT",
  "c[0-9]",
  "c[0-9",
  "c]",
  "a[1-3,5]b[0-1]",
  "CPUs=4 ",
  "State=CLOUD ",
  "State=FUTURE",
  "Sockets=2 CoresPerSocket=2 ThreadsPerCore=2 ",
  "RealMemory=1000 ",
  "Gres=gpu:a:4 ",
  "NodeAddr=x[1-4] ",
  "Nodes=ALL ",
  "SuspendTime=60",
  "SuspendTime=INFINITE",
  "ResumeTimeout=70000",
  "ResumeRate=-1",
  "SlurmctldParameters=",
  "idle_on_node_suspend,",
  "power_save_interval=99",
  "node_reg_mem_percent=",
  "cloud_dns",
  "SuspendExcNodes=c[0-3]:2",
  "SuspendExcStates=CLOUD,DOWN",
  "SuspendExcParts=p,q",
  "ResumeProgram=/x/y",
  "SuspendProgram=y",
  "TreeWidth=65533",
  "PrivateData=cloud",
  "CommunicationParameters=NoAddrCache",
  "MaxNodeCount=",
  "GresTypes=gpu",
  "ClusterName=c",
  "SlurmctldHost=h",
  "PrologFlags=",
  "X11,Contain",
  "# slurm-ec2: ignore PS001 ",
  "%c",
  "=",
  "+=",
  '"',
  "\\",
  "\\\n",
  "\\ \r\n",
  "#",
  ",",
  ",,",
  " ",
  "\t",
  "\n",
  "\n",
  "\r\n",
  "\uFEFF",
  "ä",
  "\u2028",
  "😀",
  "-1",
  "0x1F",
  "18446744073709551616",
  "x".repeat(300),
];

/** Random numbers from a seed (mulberry32), the same on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6D2B79F5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One input: pieces in any order, now and then with bytes changed, cut out or put in. */
export function makeInput(random: () => number): Uint8Array<ArrayBuffer> {
  const below = (limit: number) => Math.floor(random() * limit);
  const text = Array.from({ length: 1 + below(40) }, () => PIECES[below(PIECES.length)]!).join("");
  const bytes = [...new TextEncoder().encode(text)];
  if (random() < 0.3) {
    for (let changes = 1 + below(5); changes > 0; changes--) {
      bytes.splice(below(bytes.length + 1), below(3), ...Array.from({ length: below(4) }, () => below(256)));
    }
  }
  return new Uint8Array(bytes);
}

/**
 * Puts one input through everything, for one release.
 * @throws {AssertionError} when a promise is broken, and whatever breaks.
 */
export function checkInput(
  bytes: Uint8Array<ArrayBuffer>,
  version: (typeof SUPPORTED_VERSIONS)[number],
): void {
  const read = (path: string) => {
    if (path === "self.conf") return bytes;
    throw new Deno.errors.NotFound(path);
  };
  const document = parseDocument("self.conf", read);
  if (!bytes.includes(0)) assertEquals(printFile(document.root), bytes);
  checkSpans(document);
  const input = { document, gres: parseText(bytes, "gres.conf"), rules: RULES, versions: [version] };
  const findings = lint(input);
  findings.forEach(checkFinding);
  JSON.parse(formatJson(findings));
  JSON.parse(formatSarif(findings, RULES, "0"));
  formatGithub(findings);
  formatText(findings, { paint: ansiPaint, columns: 40 });
  checkFixes(bytes, version);
}

function checkFixes(bytes: Uint8Array<ArrayBuffer>, version: (typeof SUPPORTED_VERSIONS)[number]): void {
  const read = (path: string) => {
    if (path === "self.conf") return bytes;
    throw new Deno.errors.NotFound(path);
  };
  const { changes, remaining } = fixFiles({ paths: ["self.conf"], read, rules: RULES, versions: [version] });
  for (const { text } of changes) assert(typeof text === "string");
  // What --fix may do unasked it does: nothing safe is left over.
  assertEquals(
    remaining.filter(({ fix }) => fix?.safe).map(({ rule, message }) => `${rule}: ${message}`),
    [],
  );
}

function checkSpans(document: Document): void {
  for (const file of document.files) {
    for (const { start, end } of file.comments) checkSpan({ file, start, end });
  }
  for (const { span } of document.problems) checkSpan(span);
  for (const entry of document.entries) {
    checkSpan(entry.span);
    if (entry.kind === "broken") continue;
    if (entry.kind === "include") {
      checkSpan(entry.path.span);
      continue;
    }
    for (const setting of entry.kind === "record" ? entry.settings : [entry]) {
      checkSpan(setting.keySpan);
      checkSpan(setting.value.span);
      assertEquals(setting.value.offsets?.length ?? setting.value.text.length, setting.value.text.length);
    }
  }
}

function checkFinding(finding: LintFinding): void {
  checkSpan(finding.span);
  const { file } = finding.span;
  assert(finding.line >= 1 && finding.line <= file.lineStarts.length);
  assert(finding.column >= 1);
  assert(finding.endLine > finding.line || finding.endColumn >= finding.column);
  assertEquals(finding.file, file.path);
  for (const { span } of finding.fix?.edits ?? []) checkSpan(span);
}

function checkSpan({ file, start, end }: Span): void {
  assert(
    start >= 0 && start <= end && end <= file.text.length,
    `span ${start}-${end} of ${file.text.length}`,
  );
  for (const offset of [start, end]) assertEquals(offsetOf(file, offset), offset);
}

function offsetOf(file: SourceFile, offset: number): number {
  const { line, column } = positionAt(file, offset);
  return file.lineStarts[line - 1]! + column - 1;
}

/** Checks that many inputs; an error names the input and its seed. */
export function fuzz(count: number, seed: number): void {
  for (let index = 0; index < count; index++) {
    const bytes = makeInput(randomFrom(seed + index));
    try {
      checkInput(bytes, SUPPORTED_VERSIONS[index % SUPPORTED_VERSIONS.length]!);
    } catch (cause) {
      const text = JSON.stringify(new TextDecoder("latin1").decode(bytes));
      throw new Error(
        `Input of seed ${seed + index} fails: ${text}: ${cause instanceof Error ? cause.message : cause}`,
        { cause },
      );
    }
  }
}
