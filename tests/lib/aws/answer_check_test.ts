import { assertThrows } from "@std/assert";
import { checkAnswer, type WireFormat } from "../../../lib/aws/answer_check.ts";
import { NotAnAnswer } from "../../../lib/aws/sdk_error.ts";

const ANSWERS: readonly (readonly [WireFormat, string])[] = [
  ["xml", '<?xml version="1.0" encoding="UTF-8"?>\n<RunInstancesResponse xmlns="x">'],
  ["xml", "\n<DescribeInstancesResponse/>"],
  ["xml", "<Response><Errors>"],
  ["xml", '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'],
  ["json", '{"Parameters":[]}'],
  ["json", "\n {}"],
];

const OTHERS: readonly (readonly [WireFormat, string])[] = [
  ["xml", ""],
  ["xml", "{}"],
  ["xml", "<html><body>Response</body></html>"],
  ["xml", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'],
  ["xml", "<!DOCTYPE html><Response>"],
  ["json", ""],
  ["json", "<html/>"],
  ["json", "[]"],
];

Deno.test("checkAnswer() lets answers of AWS pass", { permissions: "none" }, () => {
  for (const [format, text] of ANSWERS) checkAnswer(new TextEncoder().encode(text), format);
});

Deno.test("checkAnswer() throws at anything else", { permissions: "none" }, () => {
  for (const [format, text] of OTHERS) {
    assertThrows(() => checkAnswer(new TextEncoder().encode(text), format), NotAnAnswer);
  }
});
