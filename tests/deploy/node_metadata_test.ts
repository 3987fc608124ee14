import { assertEquals, assertMatch } from "@std/assert";
import { missingPrograms, takesRoot, testWhere } from "../test_where.ts";

const NODE = decodeURIComponent(new URL("../../deploy/node/", import.meta.url).pathname);
const STUB = decodeURIComponent(new URL("metadata_stub.ts", import.meta.url).pathname);

/** A machine with the metadata service on its own loopback; what is said there is printed. */
const MACHINE = `
set -u
ip link set lo up
ip addr add 169.254.169.254/32 dev lo
ip -6 addr add fd00:ec2::254/128 dev lo nodad
"$1" run --no-config --allow-net "$2" >"$TMP/ready" 2>&1 &
until [ "$(grep -sc ready "$TMP/ready")" = 2 ]; do
  kill -0 $! 2>/dev/null || { cat "$TMP/ready"; exit 1; }
  sleep 0.1
done
asks() {
  for address in 169.254.169.254 '[fd00:ec2::254]'; do
    answer=$(setpriv --reuid "$1" --regid "$1" --clear-groups curl -sg --noproxy '*' --max-time 20 -X PUT "http://$address/latest/api/token" 2>/dev/null)
    echo "$1 $address \${answer:-barred}"
  done
}
cd "$3"
. ./node.sh
. ./munge.sh
`;

interface Ran {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Runs shell lines on such a machine, as root. */
async function onMachine(script: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-metadata-" });
  try {
    const { code, stdout, stderr } = await new Deno.Command("unshare", {
      args: [
        ...["--net", "--pid", "--fork", "--kill-child", "sh", "-c", MACHINE + script, "sh"],
        ...[Deno.execPath(), STUB, NODE],
      ],
      env: { ...env, TMP: dir, SLURM_EC2_RUN_DIR: dir },
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return { code, lines: text.trim().split("\n") };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const missing = takesRoot(missingPrograms("nft", "ip", "unshare", "setpriv", "curl"));

testWhere(
  missing,
  "boot's bar keeps all users but root from the metadata service, over IPv4 and IPv6",
  async () => {
    const { code, lines } = await onMachine(
      "asks 65534; bar_metadata; bar_metadata; asks 0; asks 65534; asks 1000\n",
    );
    assertEquals([code, lines], [0, [
      "65534 169.254.169.254 SlurmNode",
      "65534 [fd00:ec2::254] SlurmNode",
      "0 169.254.169.254 SlurmNode",
      "0 [fd00:ec2::254] SlurmNode",
      ...["65534", "1000"].flatMap((
        uid,
      ) => [`${uid} 169.254.169.254 barred`, `${uid} [fd00:ec2::254] barred`]),
    ]]);
  },
);

testWhere(missing, "a site may open the metadata service to users, and has to say so", async () => {
  const { lines } = await onMachine("bar_metadata; asks 65534\n", { SLURM_EC2_METADATA: "all" });
  assertEquals(lines, ["65534 169.254.169.254 SlurmNode", "65534 [fd00:ec2::254] SlurmNode"]);
});

testWhere(
  missing,
  "a node whose users can't be barred does not fetch the munge key by its role",
  async () => {
    const noNft = 'mkdir -p "$TMP/bin"; ' +
      'printf \'#!/bin/sh\\necho no nf_tables here >&2; exit 1\\n\' >"$TMP/bin/nft"; chmod 755 "$TMP/bin/nft"; PATH=$TMP/bin:$PATH; ';
    const asked = await onMachine(`${noNft} bar_metadata\n`, { SLURM_EC2_MUNGE_KEY: "ssm:/chip/MungeKey" });
    assertEquals(asked.code, 1);
    assertMatch(
      asked.lines.join("\n"),
      /^slurm-ec2: boot failed: cannot bar users from the metadata service: no nf_tables here; they could read the munge key by it; next step: install nftables/,
    );
    const otherwise = await onMachine(`${noNft} bar_metadata; echo goes on\n`);
    assertEquals(otherwise.code, 0);
    assertMatch(
      otherwise.lines[0]!,
      /^slurm-ec2: cannot bar users from the metadata service: no nf_tables here/,
    );
    assertEquals(otherwise.lines.at(-1), "goes on");
  },
);
