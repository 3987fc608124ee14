import { assertEquals } from "@std/assert";
import { collectPages } from "../../lib/aws/paginate.ts";
import type { Clause } from "./clause.ts";
import type { AwsFixture } from "./fixture.ts";
import { assertCode } from "./refusal.ts";

/** What we rely on of Parameter Store (https://docs.aws.amazon.com/systems-manager/latest/APIReference/). */
export const SSM_CLAUSES: readonly Clause<AwsFixture>[] = [
  {
    name: "a parameter that was put can be read",
    async holds({ ssm }) {
      const Name = `${freshPath()}/image`;
      assertEquals(await ssm.putParameter({ Name, Value: "ami-1", Type: "String" }), { version: 1 });
      assertEquals(await ssm.getParameter({ Name }), {
        name: Name,
        type: "String",
        value: "ami-1",
        version: 1,
      });
    },
  },
  {
    name: "a missing parameter is refused when asked for alone",
    holds: ({ ssm }) => assertCode(() => ssm.getParameter({ Name: freshPath() }), "ParameterNotFound"),
  },
  {
    name: "missing parameters are listed when asked for among others",
    async holds({ ssm }) {
      const path = freshPath();
      await ssm.putParameter({ Name: `${path}/b`, Value: "2", Type: "String" });
      await ssm.putParameter({ Name: `${path}/a`, Value: "1,2", Type: "StringList" });
      const { parameters, invalidParameters } = await ssm.getParameters({
        Names: [`${path}/b`, `${path}/none`, `${path}/a`],
      });
      const found = parameters.map(({ name, type, value }) => [name, type, value]).sort();
      assertEquals(found, [[`${path}/a`, "StringList", "1,2"], [`${path}/b`, "String", "2"]]);
      assertEquals(invalidParameters, [`${path}/none`]);
    },
  },
  {
    name: "more than 10 names in one call are refused",
    holds: ({ ssm }) =>
      assertCode(
        () => ssm.getParameters({ Names: Array.from({ length: 11 }, (_, index) => `/x/${index}`) }),
        "ValidationException",
      ),
  },
  {
    name: "an existing parameter is only overwritten when asked",
    async holds({ ssm }) {
      const Name = freshPath();
      await ssm.putParameter({ Name, Value: "1", Type: "String" });
      await assertCode(
        () => ssm.putParameter({ Name, Value: "2", Type: "String" }),
        "ParameterAlreadyExists",
      );
      assertEquals(await ssm.putParameter({ Name, Value: "2", Overwrite: true }), { version: 2 });
      assertEquals((await ssm.getParameter({ Name })).value, "2");
    },
  },
  {
    name: "parameters by path: this level only, or all below",
    async holds({ ssm }) {
      const path = freshPath();
      for (const name of ["a", "b", "deep/c"]) {
        await ssm.putParameter({ Name: `${path}/${name}`, Value: name, Type: "String" });
      }
      const below = async (Recursive: boolean) => {
        const items = await collectPages((NextToken) =>
          ssm.getParametersByPath({ Path: path, Recursive, NextToken })
        );
        return items.map(({ value }) => value).sort();
      };
      assertEquals(await below(false), ["a", "b"]);
      assertEquals(await below(true), ["a", "b", "deep/c"]);
    },
  },
  {
    name: "parameters by path come in pages of at most 10",
    async holds({ ssm }) {
      const path = freshPath();
      const names = Array.from({ length: 12 }, (_, index) => `${path}/${index}`);
      for (const Name of names) await ssm.putParameter({ Name, Value: "x", Type: "String" });
      const first = await ssm.getParametersByPath({ Path: path });
      assertEquals(first.items.length <= 10, true);
      const all = await collectPages((NextToken) => ssm.getParametersByPath({ Path: path, NextToken }));
      assertEquals(all.map(({ name }) => name).sort(), names.sort());
      await assertCode(() => ssm.getParametersByPath({ Path: path, MaxResults: 11 }), "ValidationException");
    },
  },
  {
    name: "a secure string is only readable when decrypted",
    async holds({ ssm }) {
      const Name = freshPath();
      await ssm.putParameter({ Name, Value: "secret", Type: "SecureString" });
      const clear = await ssm.getParameter({ Name, WithDecryption: true });
      assertEquals([clear.type, clear.value], ["SecureString", "secret"]);
      assertEquals((await ssm.getParameter({ Name })).value === "secret", false);
    },
  },
];

function freshPath(): string {
  return `/contract/${crypto.randomUUID()}`;
}
