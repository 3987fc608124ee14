import { PLAIN } from "../lib/base/paint.ts";
import type { Paint } from "../lib/base/paint.ts";
import { VERSION } from "../lib/base/version.ts";
import { type Command, COMMON_FLAGS } from "./base/command.ts";
import type { Flag } from "./base/flag.ts";
import { EXIT_CODES } from "./base/exit_code.ts";
import { GROUPS, REGISTRY } from "./registry.ts";

/** How help is shown. */
export interface HelpStyle {
  /** Width in characters. */
  readonly columns: number;
  readonly paint: Paint;
}

/** Help that is not for a terminal. */
export const PLAIN_HELP: HelpStyle = { columns: 80, paint: PLAIN };

/** Widest column of flags, in characters: what is longer has its summary on the next line. */
const LEFT_MAX = 26;

/** Widest text, in characters: longer lines are hard to read however wide the terminal is. */
const COLUMNS_MAX = 100;

/** What there is: every command in its group. */
export function overview(style: HelpStyle): string {
  const names = Object.keys(REGISTRY);
  const width = Math.max(...names.map((name) => name.length));
  return page([
    ...wrapped(
      `slurm-ec2 ${VERSION}: Slurm's power-saving hooks for Amazon EC2, for clusters that already exist.`,
      0,
      style,
    ),
    "",
    "Usage: slurm-ec2 COMMAND [flags] [arguments]",
    ...GROUPS.flatMap(({ group, title }) => [
      "",
      heading(title, style),
      ...names.filter((name) => REGISTRY[name]!.group === group)
        .flatMap((name) => row(name, REGISTRY[name]!.summary, width, style)),
    ]),
    "",
    heading("Begin with", style),
    "  slurm-ec2 demo              # the whole story on a simulated EC2, in seconds",
    "  slurm-ec2 help config       # what a group of commands does",
    "  slurm-ec2 help config init  # a command's flags and examples, as its --help",
  ]);
}

/** The commands that share a first word, e.g. `config`, each with an example. */
export function familyHelp(family: string, commands: readonly Command[], style: HelpStyle): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return page([
    `Usage: slurm-ec2 ${family} COMMAND [flags] [arguments]`,
    "",
    heading("Commands", style),
    ...commands.flatMap(({ name }) => row(name, REGISTRY[name]!.summary, width, style)),
    "",
    heading("Examples", style),
    ...commands.flatMap(({ examples }) => exampleLines(examples.slice(0, 1), style)),
    "",
    `slurm-ec2 help ${family} COMMAND shows all flags and examples of a command.`,
  ]);
}

/** All of one command; `program` is what is typed before its name. */
export function commandHelp(command: Command, style: HelpStyle, program = "slurm-ec2"): string {
  const { name, summary, notes, examples } = command;
  const flags = [...command.flags, ...COMMON_FLAGS];
  const width = Math.min(LEFT_MAX, Math.max(...flags.map((flag) => flagText(flag).length)));
  return page([
    ...wrapped(summary, 0, style),
    "",
    `Usage: ${program} ${name} [flags]${command.arguments ? ` ${command.arguments}` : ""}`,
    "",
    heading("Flags", style),
    ...flags.flatMap((flag) => row(flagText(flag), flag.summary, width, style)),
    "",
    heading("Examples", style),
    ...exampleLines(examples, style),
    ...(notes === undefined ? [] : ["", heading("Notes", style), ...noteLines(notes, style)]),
    "",
    heading("Exit status", style),
    ...Object.entries({ ...EXIT_CODES, ...command.exits }).flatMap(([code, says]) =>
      row(code, says, 1, style)
    ),
  ]);
}

function page(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

function heading(title: string, { paint }: HelpStyle): string {
  return paint("bold", `${title}:`);
}

function flagText({ name, value, repeat }: Flag): string {
  return `--${name}${value === undefined ? "" : ` ${value}${repeat ? "…" : ""}`}`;
}

/** Two columns; the right one is wrapped below itself. */
function row(left: string, right: string, width: number, style: HelpStyle): string[] {
  const [first = "", ...rest] = wrapped(right, width + 4, style);
  if (left.length > width) return [`  ${left}`, first, ...rest];
  return [`  ${left.padEnd(width)}  ${first.trimStart()}`, ...rest];
}

/** Examples are to be copied: a long one is continued on lines that a shell reads as one. */
function exampleLines(examples: Command["examples"], style: HelpStyle): string[] {
  return examples.flatMap(({ command, says }) => [
    ...wrapped(says, 4, style).map((line) => `  ${style.paint("dim", `# ${line.trimStart()}`)}`),
    ...continued(command, style).map((line) => `  ${line}`),
  ]);
}

/** Quoted text, and words with what is quoted in them. */
const SHELL_WORD = /(?:'[^']*'|"[^"]*"|[^\s'"])+/g;

/** A command in lines of the style's width, all but the last with a backslash; a flag stays with its value. */
function continued(command: string, { columns }: HelpStyle): string[] {
  // Two blanks before each line, two more before what continues one, and " \\" behind it.
  const whole = Math.min(columns, COLUMNS_MAX) - 2;
  if (command.length <= whole) return [command];
  const room = whole - 4;
  const parts: string[] = [];
  for (const word of command.match(SHELL_WORD) ?? []) {
    const last = parts.at(-1);
    const isValue = last !== undefined && /^(?:--[\w-]+|[>|])$/.test(last) && !word.startsWith("-");
    if (isValue) parts[parts.length - 1] = `${last} ${word}`;
    else parts.push(word);
  }
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const fits = last !== undefined && last.length + 1 + part.length <= room;
    if (last !== undefined && (fits || part.length > room)) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(part);
  }
  return lines.map((line, index) =>
    `${index > 0 ? "  " : ""}${line}${index < lines.length - 1 ? " \\" : ""}`
  );
}

function noteLines(notes: string, style: HelpStyle): string[] {
  return notes.split("\n").flatMap((line) => line.startsWith(" ") ? [`  ${line}`] : wrapped(line, 2, style));
}

/** Text in lines of the style's width, each indented by a number of blanks; a word that is longer stays whole. */
function wrapped(text: string, indent: number, { columns }: HelpStyle): string[] {
  const room = Math.max(20, Math.min(columns, COLUMNS_MAX) - indent);
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => " ".repeat(indent) + line);
}
