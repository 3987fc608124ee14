import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { helperCommand } from "../../../lib/aws/helper_command.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

for (
  const [line, argv] of [
    ["/opt/helper", ["/opt/helper"]],
    ["  /opt/helper  get\t--role x ", ["/opt/helper", "get", "--role", "x"]],
    ['"/opt/my helpers/h" parameterWithoutSpaces "parameter with spaces"', [
      ...["/opt/my helpers/h", "parameterWithoutSpaces", "parameter with spaces"],
    ]],
    [`/opt/my" helpers"/h --a='b c' ""`, ["/opt/my helpers/h", "--a=b c", ""]],
    [String.raw`/opt/my\ helpers/h "a \"b\" \\" 'c\d' \x`, [
      ...["/opt/my helpers/h", 'a "b" \\', "c\\d", "\\x"],
    ]],
    [`/opt/h '$HOME | x' "a|b;c~" a~`, ["/opt/h", "$HOME | x", "a|b;c~", "a~"]],
    [
      "/usr/bin/aws_signing_helper credential-process --trust-anchor-arn arn:aws:rolesanywhere:eu-west-1:1:trust-anchor/x",
      [
        ...["/usr/bin/aws_signing_helper", "credential-process", "--trust-anchor-arn"],
        "arn:aws:rolesanywhere:eu-west-1:1:trust-anchor/x",
      ],
    ],
  ] as const
) {
  pure(`helperCommand() splits ${line}`, () => assertEquals([...helperCommand(line)], [...argv]));
}

for (
  const [line, says] of [
    ["", "It names no program"],
    ["helper get", '"helper" is not an absolute path'],
    ["./helper", '"./helper" is not an absolute path'],
    ["~/helper", "It has ~ in it"],
    ['/opt/h "a', 'A " is never closed'],
    ["/opt/h 'a", "A ' is never closed"],
    ["/opt/h a | jq .", "It has | in it"],
    ["/opt/h $HOME", "It has $ in it"],
    ['/opt/h "$HOME"', "It has $ in it"],
    ["/opt/h `id`", "It has ` in it"],
    ["/opt/h; rm x", "It has ; in it"],
    ["/opt/h 2>/dev/null", "It has > in it"],
  ] as const
) {
  pure(
    `helperCommand() refuses ${line || "an empty line"}`,
    () => void assertThrows(() => helperCommand(line), SyntaxError, says),
  );
}

pure("helperCommand() gives back any words that were put into single quotes", () => {
  fc.assert(fc.property(fc.array(fc.string().map((text) => text.replaceAll("'", ""))), (words) => {
    const line = ["/opt/h", ...words.map((word) => `'${word}'`)].join(" ");
    assertEquals([...helperCommand(line)], ["/opt/h", ...words]);
  }));
});
