import { assertEquals } from "@std/assert";
import { githubCommand } from "../../../lib/base/github_command.ts";

Deno.test("githubCommand() encodes what the runner would read as its own", { permissions: "none" }, () => {
  assertEquals(
    githubCommand("error", { file: "a,b:c%.conf", line: 3, title: "SC001" }, "100 %\nsure: yes, really\r"),
    "::error file=a%2Cb%3Ac%25.conf,line=3,title=SC001::100 %25%0Asure: yes, really%0D\n",
  );
});

Deno.test(
  "githubCommand() lets nothing steer the terminal that shows the log",
  { permissions: "none" },
  () => {
    assertEquals(
      githubCommand("notice", { title: "x\u001b[2J" }, "\u202Eevil\u009b"),
      "::notice title=x\u241b[2J::\uFFFDevil\uFFFD\n",
    );
  },
);
