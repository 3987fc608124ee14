import { assertEquals } from "@std/assert";
import { type Command, defineCommand, parseFlags } from "../../../commands/base/command.ts";
import { type Flag, type Flags, readFlagValue } from "../../../commands/base/flag.ts";
import { ExitCode } from "../../../commands/base/exit_code.ts";
import type { Host } from "../../../commands/base/host.ts";
import { NO_PERMISSIONS } from "../../../commands/base/permissions.ts";

const pure = { permissions: "none" } as const;

const NUMBER: Flag = { name: "n", value: "N", kind: "number", min: 2, max: 10, summary: "" };
const PORT: Flag = { name: "p", value: "PORT", kind: "port", summary: "" };
const ADDRESS: Flag = { name: "a", value: "ADDRESS", kind: "address", summary: "" };
const SECONDS: Flag = { name: "t", value: "S", kind: "duration", summary: "" };
const MILLISECONDS: Flag = { ...SECONDS, unit: "ms" };
const FORMAT: Flag = { name: "format", value: "FORMAT", values: ["text", "json"], summary: "" };
const RULE: Flag = {
  name: "rule",
  value: "RULE",
  values: Array.from({ length: 20 }, (_, i) => `PS0${i + 10}`),
  summary: "",
};

const READ: readonly (readonly [flag: Flag, text: string, read: string | number])[] = [
  [NUMBER, "2", 2],
  [NUMBER, "10", 10],
  [{ name: "n", value: "N", kind: "number", summary: "" }, "0", 0],
  [PORT, "1", 1],
  [PORT, "65535", 65_535],
  [ADDRESS, "10.0.0.2", "10.0.0.2"],
  [ADDRESS, "fd00:ec2::254", "fd00:ec2::254"],
  [SECONDS, "90", 90_000],
  [SECONDS, "1.5", 1500],
  [SECONDS, "500ms", 500],
  [SECONDS, "5m", 300_000],
  [SECONDS, "2h", 7_200_000],
  [SECONDS, "1d", 86_400_000],
  [MILLISECONDS, "150", 150],
  [MILLISECONDS, "2s", 2000],
  [FORMAT, "json", "json"],
  [FORMAT, "JSON", "json"],
  [{ name: "x", value: "X", summary: "" }, "anything at all", "anything at all"],
];

for (const [flag, text, read] of READ) {
  Deno.test(`readFlagValue() reads ${flag.kind ?? "text"} ${text}`, pure, () => {
    assertEquals(readFlagValue(flag, text), { read });
  });
}

const REFUSED: readonly (readonly [flag: Flag, text: string, refused: string])[] = [
  [NUMBER, "1", 'Flag --n takes a whole number from 2 to 10, got "1"'],
  [NUMBER, "11", 'Flag --n takes a whole number from 2 to 10, got "11"'],
  [NUMBER, "2.5", 'Flag --n takes a whole number from 2 to 10, got "2.5"'],
  [NUMBER, "0x4", 'Flag --n takes a whole number from 2 to 10, got "0x4"'],
  [{ name: "n", value: "N", kind: "number", summary: "" }, "-1", 'Flag --n takes a whole number, got "-1"'],
  [{ ...NUMBER, max: 9e9, min: 1 }, "", 'Flag --n takes a whole number from 1 to 9000000000, got ""'],
  [PORT, "0", 'Flag --p takes a port from 1 to 65535, got "0"'],
  [PORT, "65536", 'Flag --p takes a port from 1 to 65535, got "65536"'],
  [PORT, "ssh", 'Flag --p takes a port from 1 to 65535, got "ssh"'],
  [ADDRESS, "nas1", 'Flag --a takes an IP address, e.g. 10.0.0.2, got "nas1"'],
  [ADDRESS, "10.0.0.300", 'Flag --a takes an IP address, e.g. 10.0.0.2, got "10.0.0.300"'],
  [SECONDS, "soon", 'Flag --t takes a duration such as 90 (s), 500ms, 5m, got "soon"'],
  [SECONDS, "5 m", 'Flag --t takes a duration such as 90 (s), 500ms, 5m, got "5 m"'],
  [MILLISECONDS, "1w", 'Flag --t takes a duration such as 150 (ms), 2s, got "1w"'],
  [FORMAT, "jsn", 'Unknown value of --format: "jsn" (did you mean json?); it takes text, json'],
  [FORMAT, "yaml", 'Unknown value of --format: "yaml"; it takes text, json'],
  [RULE, "PS0110", 'Unknown value of --rule: "PS0110" (did you mean PS010?)'],
  [RULE, "nonsense", 'Unknown value of --rule: "nonsense"'],
];

for (const [flag, text, refused] of REFUSED) {
  Deno.test(`readFlagValue() refuses ${flag.kind ?? "choice"} "${text}"`, pure, () => {
    assertEquals(readFlagValue(flag, text), { refused });
  });
}

Deno.test("parseFlags() gives values by their kind", pure, () => {
  const flags = parseFlags(
    { name: "x", flags: [NUMBER, PORT, SECONDS, FORMAT, ADDRESS] },
    ["--n", "07", "--p=6817", "--t", "2m", "--format", "JSON"],
  );
  assertEquals([flags.number.n, flags.number.p, flags.milliseconds.t, flags.choice.format], [
    7,
    6817,
    120_000,
    "json",
  ]);
  assertEquals([flags.get("n"), flags.get("t"), flags.get("format"), flags.get("a")], [
    "07",
    "2m",
    "json",
    undefined,
  ]);
});

/** What is never called: the compiler alone is asked here, and `deno task check` fails where it accepts more. */
function _typed(host: Host, flags: Flags<readonly [{ name: "out"; value: "DIR"; summary: "" }]>): Command {
  flags.get("out");
  // @ts-expect-error: no such flag
  flags.get("ouput");
  // @ts-expect-error: it takes a value
  flags.has("out");
  // @ts-expect-error: no number
  flags.number.out;
  const command = defineCommand({
    name: "x",
    summary: "",
    flags: [
      { name: "force", summary: "" },
      { name: "nodes", value: "N", kind: "number", summary: "" },
      { name: "for", value: "WHO", values: ["node", "controller"], summary: "" },
    ],
    examples: [],
    permissions: NO_PERMISSIONS,
    run(_host, flags) {
      flags.has("force");
      // @ts-expect-error: mistyped
      flags.has("froce");
      // @ts-expect-error: a flag of another command
      flags.get("config");
      const nodes: number | undefined = flags.number.nodes;
      const who: "node" | "controller" | undefined = flags.choice.for;
      // @ts-expect-error: not one of its values
      return Promise.resolve(who === "nobody" || nodes === undefined ? ExitCode.Done : ExitCode.Failed);
    },
  });
  const bare: Command = {
    ...command,
    run(_host, flags) {
      // @ts-expect-error: a command that is not defined by defineCommand sees no flags
      flags.get("config");
      return Promise.resolve(ExitCode.Done);
    },
  };
  return host === undefined ? command : bare;
}
