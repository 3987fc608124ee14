import { assertEquals, assertMatch } from "@std/assert";
import { ACTION_WORDS } from "../../../lib/controller_run/action_words.ts";

Deno.test("ACTION_WORDS names each kind of action in its own words, with the call that it makes", {
  permissions: "none",
}, () => {
  const words = Object.values(ACTION_WORDS);
  assertEquals(new Set(words).size, words.length);
  for (const [kind, text] of Object.entries(ACTION_WORDS)) {
    assertMatch(text, /^[A-Z][a-z]+ing .* \((?:[A-Z]\w+(?: or [A-Z]\w+)?|scontrol [a-z ]+)\)$/, kind);
  }
});
