import { assert, assertEquals } from "@std/assert";
import { machineProcess } from "../../../../lib/preflight/machine/machine_process.ts";

const { run, connect, clockOf, ask } = machineProcess();

Deno.test("run() gives a program nothing but PATH and what it is given", async () => {
  const ran = await run(["sh", "-c", 'cat; echo "$PATH|${HOME-none}|$SLURM_CONF"; echo no >&2; exit 3'], {
    input: "in ",
    env: { SLURM_CONF: "/x" },
  });
  assert(ran.kind === "ended");
  assertEquals([ran.code, ran.stderr], [3, "no\n"]);
  assert(/^in \/usr\/sbin:.*\|none\|\/x\n$/.test(ran.stdout), ran.stdout);
});

Deno.test("run() gives up what does not end, and what its children hold open", async () => {
  assertEquals(await run(["sh", "-c", "sleep 5 & wait"], { limit: 0.2 }), {
    kind: "cut",
    what: "sh -c sleep 5 & wait",
    seconds: 0.2,
  });
});

Deno.test("run() says that there is no such program", async () => {
  assertEquals(await run(["no-such-program"]), { kind: "missing", program: "no-such-program" });
});

Deno.test("run() bears a program that does not read its input", async () => {
  const ran = await run(["true"], { input: "x".repeat(1_000_000) });
  assertEquals(ran.kind, "ended");
});

Deno.test({
  name: "nothing throws where the permission is missing",
  permissions: "none",
  fn: async () => {
    assertEquals(await run(["true"]), { kind: "denied", what: "run true" });
    assertEquals(await connect("127.0.0.1", 1), { kind: "denied", what: "connect to 127.0.0.1:1" });
    assertEquals(await clockOf("http://127.0.0.1:8080/"), {
      kind: "denied",
      what: "connect to http://127.0.0.1:8080/",
    });
    assertEquals((await ask("127.0.0.1", "A", "ctl.example")).kind, "denied");
  },
});

Deno.test("connect() tells an open port from a closed one", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  assertEquals(await connect("127.0.0.1", port), { kind: "open" });
  (await listener.accept()).close();
  listener.close();
  assertEquals(await connect("127.0.0.1", port), { kind: "refused" });
});

Deno.test("clockOf() reads a server's clock from its Date header", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) =>
      new Response(
        null,
        url.endsWith("/late") ? { headers: { date: new Date(Date.now() + 600_000).toUTCString() } } : {},
      ),
  );
  const url = `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}`;
  try {
    const late = await clockOf(`${url}/late`);
    assert(late.kind === "read" && Math.abs(late.ahead + 600_000) <= late.within, JSON.stringify(late));
    const right = await clockOf(url);
    assert(right.kind === "read" && Math.abs(right.ahead) <= right.within, JSON.stringify(right));
  } finally {
    await server.shutdown();
  }
  assertEquals((await clockOf(url)).kind, "failed");
});
