import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseHelperAnswer } from "../../../lib/aws/helper_answer.ts";

const NOW = Date.UTC(2026, 0, 1);
const KEYS = { Version: 1, AccessKeyId: "AKID", SecretAccessKey: "s3cret" };

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure("parseHelperAnswer() takes keys for ever, or with token and end", () => {
  assertEquals(parseHelperAnswer(`${JSON.stringify(KEYS)}\n`, NOW), {
    accessKeyId: "AKID",
    secretAccessKey: "s3cret",
  });
  const answer = { ...KEYS, SessionToken: "t", Expiration: "2026-01-01T01:00:00Z" };
  assertEquals(parseHelperAnswer(JSON.stringify(answer), NOW), {
    accessKeyId: "AKID",
    secretAccessKey: "s3cret",
    sessionToken: "t",
    expiration: new Date(Date.UTC(2026, 0, 1, 1)),
  });
});

for (
  const [text, says] of [
    ["", "not JSON"],
    ["s3cret", "not JSON"],
    ["null", "not a JSON object"],
    [JSON.stringify({ ...KEYS, Version: 2 }), 'no "Version": 1'],
    [JSON.stringify({ ...KEYS, Version: "1" }), 'no "Version": 1'],
    [JSON.stringify({ ...KEYS, SecretAccessKey: undefined }), "no AccessKeyId and SecretAccessKey"],
    [JSON.stringify({ ...KEYS, AccessKeyId: 7 }), "no AccessKeyId and SecretAccessKey"],
    [JSON.stringify({ ...KEYS, Expiration: "s3cret" }), "Expiration is not a time"],
    [JSON.stringify({ ...KEYS, Expiration: "2026-01-01T00:00:00Z" }), "expired at 2026-01-01T00:00:00.000Z"],
  ] as const
) {
  pure(`parseHelperAnswer() says "${says}" of ${text || "nothing"}, and no secret`, () => {
    const { message } = assertThrows(() => parseHelperAnswer(text, NOW), SyntaxError, says);
    assert(!message.includes("s3cret"));
  });
}
