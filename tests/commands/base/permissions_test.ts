import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { doctor } from "../../../commands/doctor/doctor.ts";
import {
  effectivePermissions,
  ENVIRONMENT,
  type Grants,
  hostOf,
  type Site,
  SYSTEM_FACTS,
  USUAL_SCONTROLS,
} from "../../../commands/base/effective_permissions.ts";
import { HOOK_PERMISSIONS } from "../../../commands/hooks/hook_parts.ts";
import { NO_PERMISSIONS, type Permissions, permissionsWith } from "../../../commands/base/permissions.ts";
import { REGISTRY } from "../../../commands/registry.ts";
import { revocations, usualHosts } from "../../../commands/base/revocations.ts";
import { REGIONS, serviceHosts } from "../../../lib/aws/service_hosts.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { commandCase } from "../../../deploy/build/portable/pack.ts";
import { EC2Client } from "@aws-sdk/client-ec2";
import { PricingClient } from "@aws-sdk/client-pricing";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { parseKnownFiles } from "@smithy/core/config";

const ROOT = new URL("../../../", import.meta.url).pathname;

function siteText(more = "", region = "eu-west-1"): string {
  return `cluster: c
region: ${region}
slurm: { version: "24.05", binDir: /opt/site/bin }
stateDir: /srv/state
logFile: /srv/log/slurm-ec2.log
${more}
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups: [{ name: g, nodes: "g-[0-9]", instanceTypes: [c7i.large], subnets: [subnet-0123456789abcdef0] }]
partitions: [{ name: p, nodeGroups: [g] }]
`;
}

function site(more = "", env: Readonly<Record<string, string>> = {}, region?: string): Site {
  const config = parseConfig(siteText(more, region), "site.yaml");
  return { config, configFile: "/etc/site.yaml", env: (name) => env[name] };
}

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure(
  "effectivePermissions() of a hook are its region's endpoints, the metadata service, scontrol and its files",
  () => {
    assertEquals(effectivePermissions(HOOK_PERMISSIONS, site("", { HOME: "/h" })), {
      net: [
        ...["ec2", "ssm", "sts"].flatMap((name) => [
          `${name}.eu-west-1.amazonaws.com:443`,
          `${name}.eu-west-1.api.aws:443`,
        ]),
        "169.254.169.254:80",
        "[fd00:ec2::254]:80",
      ],
      run: ["/opt/site/bin/scontrol"],
      write: ["/srv/state", "/srv/log/slurm-ec2.log"],
      read: [
        "/etc/site.yaml",
        "/h/.aws/credentials",
        "/h/.aws/config",
        "/srv/state",
        "/srv/log/slurm-ec2.log",
      ],
      env: ENVIRONMENT,
      sys: ["osRelease"],
    });
  },
);

for (
  const [says, more, env, net] of [
    [
      "endpoints of the file, before those of the environment",
      'aws: { endpoints: { ec2: "https://vpce.example:8443", ssm: "http://10.0.0.1" } }',
      { AWS_ENDPOINT_URL_EC2: "http://no.example", AWS_ENDPOINT_URL: "http://[::1]:4566" },
      ["vpce.example:8443", "10.0.0.1:80", "[::1]:4566"],
    ],
    [
      "endpoints of the environment",
      "",
      { AWS_ENDPOINT_URL_EC2: "http://127.0.0.1:1", AWS_ENDPOINT_URL: "http://127.0.0.1:2" },
      ["127.0.0.1:1", "127.0.0.1:2"],
    ],
    [
      "a proxy without its password",
      'aws: { endpoints: { ec2: "https://a", ssm: "https://a", sts: "https://a" } }',
      { HTTPS_PROXY: "http://user:secret@proxy:3128", http_proxy: "no url" },
      ["a:443", "proxy:3128"],
    ],
    [
      "another metadata service besides AWS's own",
      'aws: { endpoints: { ec2: "https://a", ssm: "https://a", sts: "https://a" } }',
      { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1338" },
      ["a:443", "127.0.0.1:1338"],
    ],
  ] as const
) {
  pure(`effectivePermissions() has ${says}`, () => {
    const grants = effectivePermissions(HOOK_PERMISSIONS, site(more, env));
    assertEquals((grants.net as string[]).filter((host) => !/^169\.254|^\[fd00/.test(host)), [...net]);
  });
}

pure("effectivePermissions() follows credentials to the files that name them", () => {
  const read = (more: string, env: Record<string, string>) =>
    effectivePermissions(HOOK_PERMISSIONS, site(more, env)).read;
  assertEquals(
    read("aws: { credentialsFile: /c, configFile: /d }", {
      AWS_SHARED_CREDENTIALS_FILE: "/x",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/t",
    }),
    ["/etc/site.yaml", "/c", "/d", "/t", "/srv/state", "/srv/log/slurm-ec2.log"],
  );
  assertEquals(read("", { AWS_SHARED_CREDENTIALS_FILE: "/x", AWS_CONFIG_FILE: "/y" }), [
    ...["/etc/site.yaml", "/x", "/y", "/srv/state", "/srv/log/slurm-ec2.log"],
  ]);
});

pure("effectivePermissions() of whatever asks AWS have the credential helper, and of nothing else", () => {
  const run = (needs: Parameters<typeof effectivePermissions>[0]) =>
    effectivePermissions(needs, { ...site(), credentialHelpers: ["/opt/helper"] }).run;
  assertEquals(run(HOOK_PERMISSIONS), ["/opt/site/bin/scontrol", "/opt/helper"]);
  assertEquals(run({ ...NO_PERMISSIONS, net: ["ssm"] }), ["/opt/helper"]);
  assertEquals(run({ ...NO_PERMISSIONS, net: ["loopback"] }), "none");
  assertEquals(run({ ...NO_PERMISSIONS, run: ["scontrol"] }), ["/opt/site/bin/scontrol"]);
});

pure("effectivePermissions() without a configuration leave a hook what giving nodes back takes", () => {
  assertEquals(effectivePermissions(HOOK_PERMISSIONS, undefined), {
    net: "none",
    run: USUAL_SCONTROLS,
    write: "none",
    read: "any",
    env: ENVIRONMENT,
    sys: "none",
  });
});

pure("effectivePermissions() of what needs nothing is nothing", () => {
  assertEquals(effectivePermissions(NO_PERMISSIONS, undefined), {
    net: "none",
    run: "none",
    write: "none",
    read: "none",
    env: "none",
    sys: "none",
  });
});

pure("effectivePermissions() can't list a site's own hosts, nor where a machine has its tools", () => {
  const needs = { ...NO_PERMISSIONS, net: ["ec2", "site"], run: ["scontrol", "tools"] } as const;
  const { net, run, write } = effectivePermissions(needs, site());
  assertEquals([net, run, write], ["any", "any", "none"]);
});

pure("notify may run notify.command and no other program", () => {
  const needs: Permissions = { ...NO_PERMISSIONS, run: ["notify"] };
  assertEquals(effectivePermissions(needs, site("notify: { command: /usr/local/sbin/page }")).run, [
    "/usr/local/sbin/page",
  ]);
  assertEquals(effectivePermissions(needs, site()).run, "none");
  assertEquals(effectivePermissions(needs, undefined).run, "none");
  const line = commandCase({ name: "notify", permissions: needs });
  assertEquals(/--allow-run[^}]*/.exec(line)?.[0], '--allow-run=$notify_program"');
});

pure(
  "commandCase() starts what looks at a site with all hosts and programs, and a hook with its lists",
  () => {
    const started = (net: Permissions["net"], run: Permissions["run"]) =>
      commandCase({ name: "x", permissions: { ...NO_PERMISSIONS, net, run } }).split(" ").filter((word) =>
        /^--allow-(?:net|run)/.test(word)
      );
    assertEquals(started(["ec2", "site"], ["scontrol", "tools"]), ["--allow-net", "--allow-run"]);
    assertEquals(started(["ec2"], ["scontrol"]), ['--allow-net="$hosts"', '--allow-run="$scontrol"']);
    assertEquals(started(["loopback"], []), ['--allow-net="$loopback"']);
  },
);

pure("permissionsWith() gives up what only a flag makes necessary", () => {
  const permissions = {
    ...NO_PERMISSIONS,
    net: ["ec2"],
    write: ["named"],
    env: true,
    onlyWith: { net: "aws", env: "aws" },
  } as const;
  assertEquals({ ...permissionsWith(permissions, () => false), onlyWith: undefined }, {
    ...NO_PERMISSIONS,
    write: ["named"],
    onlyWith: undefined,
  });
  assertEquals(permissionsWith(permissions, (flag) => flag === "aws"), permissions);
});

pure("hostOf() is a URL's host and port", () => {
  assertEquals(
    ["https://a", "http://a", "http://u:p@a:8/x?y", "http://[::1]:9", "nonsense"].map(hostOf),
    [["a:443"], ["a:80"], ["a:8"], ["[::1]:9"], []],
  );
});

const names = (keep: Partial<Grants>, granted: { net?: readonly string[]; run?: readonly string[] }) =>
  revocations({ ...ALL, ...keep }, { net: granted.net ?? [], run: granted.run ?? [] })
    .map((permission) => Object.values(permission).join(" "));
const ALL: Grants = { net: "any", run: "any", write: "any", read: "any", env: "any", sys: "any" };

pure("revocations() give up whole kinds, and single hosts and programs that are not kept", () => {
  assertEquals(names({}, { net: ["a:1"] }), ["ffi"]);
  assertEquals(names({ net: "none", env: "none" }, { net: ["a:1"] }), ["ffi", "net", "env"]);
  assertEquals(names({ net: ["a:1"], run: ["/s"] }, { net: ["a:1", "a:2", "b:1"], run: ["/s", "/t"] }), [
    ...["ffi", "net a:2", "net b:1", "run /t"],
  ]);
});

pure(
  "revocations() keep a host with all its ports only where nothing else holds the port that is wanted",
  () => {
    assertEquals(names({ net: ["127.0.0.1:8"] }, { net: ["127.0.0.1"] }), ["ffi"]);
    assertEquals(names({ net: ["127.0.0.1:8"] }, { net: ["127.0.0.1", "127.0.0.1:8"] }), [
      "ffi",
      "net 127.0.0.1",
    ]);
  },
);

Deno.test("serviceHosts() are where the SDK goes, in every Region, with IPv6 and without, FIPS where there is", async () => {
  const clients = {
    ec2: EC2Client,
    ssm: SSMClient,
    sts: STSClient,
    pricing: PricingClient,
    quotas: ServiceQuotasClient,
  };
  for (const [service, Client] of Object.entries(clients)) {
    for (const region of service === "pricing" ? ["us-east-1", "cn-northwest-1"] : REGIONS) {
      for (const dualStack of [false, true]) {
        for (const fips of service !== "pricing" && /^(us|ca)-/.test(region) ? [false, true] : [false]) {
          const client = new Client({ region });
          const { url } = (client.config as unknown as Resolver).endpointProvider({
            Region: region,
            UseDualStack: dualStack,
            UseFIPS: fips,
            UseGlobalEndpoint: false,
          });
          const hosts = serviceHosts(service as keyof typeof clients, region);
          assert(
            hosts.includes(`${url.hostname}:443`),
            `${service} ${region}: ${url.hostname} is not in ${hosts}`,
          );
          client.destroy();
        }
      }
    }
  }
  // Clients look into AWS's shared files on their own: this waits for it.
  await parseKnownFiles({});
});

/** What the SDK's clients find their endpoints with. */
interface Resolver {
  endpointProvider(parameters: Readonly<Record<string, unknown>>): { readonly url: URL };
}

interface Planted {
  readonly outcome: Readonly<Record<string, string>>;
  readonly grants: Grants;
  readonly whole: readonly string[];
  readonly hosts: readonly string[];
  readonly scontrols: readonly string[];
}

/** What a build is started with at most. */
const LISTED = [
  `--allow-net=${usualHosts()}`,
  `--allow-run=${USUAL_SCONTROLS},/bin/true`,
  `--allow-env=${ENVIRONMENT}`,
  `--allow-sys=${SYSTEM_FACTS}`,
  ...["--allow-read", "--allow-write", "--no-prompt"],
];

/** Gives up what main.ts would give up for a command line, and then tries what it must not. */
async function plant(
  flags: readonly string[],
  argv: readonly string[],
  { keep = false, env = {} }: { keep?: boolean; env?: Readonly<Record<string, string>> } = {},
): Promise<Planted> {
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-permissions-" });
  try {
    await Deno.writeTextFile(`${directory}/site.yaml`, siteText());
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--cached-only",
        "--no-check",
        ...flags,
        `${ROOT}tests/commands/base/planted_violation.ts`,
      ]
        .concat([directory, keep ? "keep" : "drop", ...argv]),
      env: { SLURM_EC2_CONFIG: `${directory}/site.yaml`, ...env },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("the planted violations succeed, or fail for other reasons, where nothing is given up", async () => {
  const { outcome, hosts } = await plant(["-A"], ["version"], { keep: true });
  for (const [name, what] of Object.entries(outcome)) assertNotEquals(what, "NotCapable", name);
  assertEquals([outcome.write, outcome.env, outcome.sys, outcome.run], ["done", "done", "done", "done"]);
  assertEquals(hosts.length, usualHosts().length);
  const listed = await plant(LISTED, ["version"], { keep: true });
  assertEquals([listed.outcome.net, listed.outcome.run, listed.outcome.ffi], [
    "ConnectionRefused",
    "done",
    "NotCapable",
  ]);
});

/** Which violation shows that a kind is gone. */
const VIOLATIONS = {
  net: ["net", "otherRegion"],
  run: ["run", "shell", "otherScontrol"],
  write: ["write"],
  env: ["env"],
} as const;

for (const name of Object.keys(REGISTRY)) {
  for (const [how, flags] of [["-A", ["-A", "--no-prompt"]], ["lists", LISTED]] as const) {
    Deno.test(`${name} started with ${how} can't do what it does not declare`, async () => {
      const needs = permissionsWith((await REGISTRY[name]!.load()).permissions, () => false);
      const { outcome, whole } = await plant(flags, name.split(" "));
      assertEquals(outcome.ffi, "NotCapable");
      for (const [kind, violations] of Object.entries(VIOLATIONS)) {
        const declared = needs[kind as keyof typeof VIOLATIONS];
        if (declared === true || (declared as readonly string[]).length > 0) continue;
        assert(!whole.includes(kind), `${kind} is still granted`);
        for (const violation of violations) assertEquals(outcome[violation], "NotCapable", violation);
      }
    });
  }
}

const NOTHING = ["net", "otherRegion", "run", "shell", "otherScontrol", "write", "env", "sys", "ffi"];

for (
  const argv of [["config", "lint", "x"], ["config", "render"], ["version"], [
    "config",
    "lint",
    "--json",
    "x",
  ]]
) {
  Deno.test(`${argv.join(" ")} reads files and does nothing else`, async () => {
    for (const flags of [["-A", "--no-prompt"], LISTED]) {
      const { outcome, whole, hosts, scontrols } = await plant(flags, argv);
      assertEquals(NOTHING.filter((name) => outcome[name] !== "NotCapable"), []);
      assertEquals([whole.filter((kind) => kind !== "read"), hosts, scontrols], [[], [], []]);
    }
  });
}

for (
  const [argv, kept] of [
    [["config", "lint", "--fix", "x"], ["write"]],
    [["config", "render", "--out", "/x"], ["write"]],
    [["config", "render", "--aws"], ["env", "sys"]],
  ] as const
) {
  Deno.test(`${argv.join(" ")} keeps what the flag is for: ${kept.join(", ")}`, async () => {
    const { outcome } = await plant(LISTED, argv);
    const local = NOTHING.filter((name) => outcome[name] === "done");
    assertEquals(local, [...kept]);
  });
}

pure(
  "effectivePermissions() of who asks all of AWS are five services, its files and the machine's users",
  () => {
    const net = ["ec2", "ssm", "sts", "pricing", "quotas"] as const;
    for (const name of net) assert(doctor.permissions.net.includes(name), name);
    const needs = { ...NO_PERMISSIONS, net, read: ["config", "aws", "users"], env: true } as const;
    const grants = effectivePermissions(needs, site("", { HOME: "/h" }));
    const services = (grants.net as string[]).map((host) => host.split(".").slice(0, -2).join("."));
    assertEquals(
      [...new Set(services.map((name) => name.replace(/\.(eu-west-1|us-east-1)\b.*/, "")))].filter((name) =>
        /^[a-z][a-z.2]+$/.test(name)
      ),
      ["ec2", "ssm", "sts", "api.pricing", "servicequotas"],
    );
    assertEquals({ ...grants, net: [] }, {
      net: [],
      run: "none",
      write: "none",
      read: ["/etc/site.yaml", "/h/.aws/credentials", "/h/.aws/config", "/etc/passwd"],
      env: ENVIRONMENT,
      sys: ["osRelease", "uid"],
    });
  },
);

pure("effectivePermissions() have Service Quotas where AWS's own variable says", () => {
  const needs = { ...NO_PERMISSIONS, net: ["quotas"] } as const;
  const of = (more: string, env: Readonly<Record<string, string>>) =>
    effectivePermissions(needs, site(more, env)).net;
  assertEquals(of("", { AWS_ENDPOINT_URL_SERVICE_QUOTAS: "http://127.0.0.1:9" }), ["127.0.0.1:9"]);
  assertEquals(of('aws: { endpoints: { quotas: "https://q" } }', {}), ["q:443"]);
});

for (const argv of [["resume", "g-0"], ["stop", "g-0"], ["resume-fail", "g-0"]]) {
  Deno.test(`${argv[0]} reaches its region's endpoints and the metadata service, runs its scontrol, nothing else`, async () => {
    const { outcome, whole, hosts, scontrols, grants } = await plant(
      LISTED.map((flag) =>
        flag.startsWith("--allow-run=") ? `--allow-run=${USUAL_SCONTROLS},/opt/site/bin/scontrol` : flag
      ),
      argv,
    );
    assertEquals([...hosts].sort(), [...grants.net as string[]].sort());
    assertEquals(hosts.filter((host) => !/^(ec2|ssm|sts)\.eu-west-1\.|^169\.254\.|^\[fd00/.test(host)), []);
    assertEquals(hosts.length, 8);
    assertEquals(scontrols, []);
    assertEquals(grants.run, ["/opt/site/bin/scontrol"]);
    assertEquals(whole.filter((kind) => !["read", "write"].includes(kind)), []);
    for (const violation of ["net", "otherRegion", "run", "shell", "otherScontrol", "ffi"]) {
      assertEquals(outcome[violation], "NotCapable", violation);
    }
  });
}

for (const argv of [["resume", "g-0"], ["ssm", "validate"]]) {
  Deno.test(`${argv.join(" ")} may run the credential helper, and still no shell`, async () => {
    const configFile = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(configFile, "[profile s]\ncredential_process = /bin/true get 'x y'\n");
      const env = { AWS_CONFIG_FILE: configFile, AWS_PROFILE: "s" };
      const flags = LISTED.map((flag) =>
        flag.startsWith("--allow-run=") ? "--allow-run=/bin/true,/bin/sh" : flag
      ).concat("--ignore-env");
      const { outcome, grants } = await plant(flags, argv, { env });
      assert((grants.run as string[]).includes("/bin/true"));
      // Which programs a process was granted can't be listed: what the launchers don't grant is not there.
      const narrow = flags.map((flag) => flag.replace(",/bin/sh", ""));
      const kept = await plant(narrow, argv, { env });
      assertEquals([outcome.run, kept.outcome.run, kept.outcome.shell], ["done", "done", "NotCapable"]);
    } finally {
      await Deno.remove(configFile);
    }
  });
}
