import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { stringify } from "yaml";
import { missingPrograms } from "../test_where.ts";

const HOOK = new URL("../../deploy/hooks/hook", import.meta.url);

/** The hook's own lines that find the places, and after them what they found. */
async function placesOf(config: string, awk = "awk"): Promise<Record<string, string>> {
  const [, part] = /\n# --- the site's places: [^]*?\n\n([^]*?)\n# --- site's places end\n/.exec(
    await Deno.readTextFile(HOOK),
  )!;
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, config);
    const script = `${part!.replaceAll(/\bawk '/g, `${awk} '`)}
find_places "$1"
printf '%s\\n' "region=$region" "stateDir=$state" "logFile=$log" "binDir=$scontrol_dir" "profile=$profile" \
  "credentialsFile=$credentials_file" "configFile=$config_file" "hosts=$hosts" "notify=$notify_program"`;
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", script, "sh", file],
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" },
    }).output();
    return Object.fromEntries(
      new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) =>
        /^(\w+)=(.*)$/.exec(line)!.slice(1)
      ),
    );
  } finally {
    await Deno.remove(file);
  }
}

/** What is found where the file names nothing. */
const DEFAULTS = {
  region: "",
  stateDir: "/var/lib/slurm-ec2",
  logFile: "/var/log/slurm/slurm-ec2.log",
  binDir: "/usr/bin",
  profile: "",
  credentialsFile: "",
  configFile: "",
  notify: "",
};

for (
  const [name, config, found, hosts = []] of [
    ["the program of notify is found", "notify: { minutes: 5, command: /usr/local/sbin/page }\n", {
      notify: "/usr/local/sbin/page",
    }],
    ["a command elsewhere is not notify's", "tags:\n  command: /x\ncommand: /y\nnotify:\n  minutes: 5\n", {}],
    ["a node's binDir is not Slurm's", "defaults:\n  userData: { binDir: /opt/tool }\n", {}],
    ["Slurm's own is", "slurm:\n  binDir: /opt/slurm\n", { binDir: "/opt/slurm" }],
    ["a tag called region is not the Region", "region: eu-west-1\ntags:\n  region: north\n", {
      region: "eu-west-1",
    }],
    [
      "a tag that comes first is not a Region either",
      "tags: {region: north,\n  stateDir: /tag}\nregion: eu-west-1\n",
      {
        region: "eu-west-1",
      },
    ],
    ["binDir at the top belongs to no section", "binDir: /opt/slurm\nprofile: p\n", {}],
    [
      "keys in items of a list are theirs",
      "nodeGroups:\n- name: a\n  logFile: /x\n- {stateDir: /y}\nstateDir: /s\n",
      {
        stateDir: "/s",
      },
    ],
    [
      "lines of a script are text",
      "userData:\n  script: |\n    region: x\n    aws: { profile: p }\nregion: r-1\n",
      {
        region: "r-1",
      },
    ],
    [
      "a script in a list is text",
      "parts:\n  - |\n    region: x\n   \n    stateDir: /t\n  - a\nstateDir: /s\n",
      {
        stateDir: "/s",
      },
    ],
    [
      "a string over several lines is text",
      'note: "a\n  region: x # b\n  \\" stateDir: /t"\nstateDir: /s # /u\n',
      {
        stateDir: "/s",
      },
    ],
    [
      "a URL in a tag is not a host",
      "tags: { wiki: 'https://wiki.example.com/' }\naws: { endpoints: { ec2: http://e:1 } }\n",
      {},
      [
        "e:1",
      ],
    ],
    [
      "a URL in a comment is not a host",
      'aws:\n  endpoints:\n    # ec2: https://old.example.com\n    ssm: "https://new.example.com"\n',
      {},
      [
        "new.example.com:443",
      ],
    ],
    ["JSON", '{"region":"eu-west-1","aws":{"profile":"p","configFile":"/c"},"slurm":{"binDir":"/b"}}', {
      region: "eu-west-1",
      profile: "p",
      configFile: "/c",
      binDir: "/b",
    }],
    ["blanks and commas in quotes", "stateDir: '/srv/a b'\nlogFile: \"/srv/it's, here\"\n", {
      stateDir: "/srv/a b",
      logFile: "/srv/it's, here",
    }],
    ["line ends of Windows, marks of YAML", "--- # site\r\nregion: &r eu-west-1\r\nstateDir: !!str /s\r\n", {
      region: "eu-west-1",
      stateDir: "/s",
    }],
    ["a file that ends within a bracket", "region: r-1\naws: { profile: p\n", { region: "r-1" }],
  ] as const
) {
  Deno.test(`find_places(): ${name}`, async () => {
    const { hosts: all, ...places } = await placesOf(config);
    assertEquals(places, { ...DEFAULTS, ...found });
    assertEquals(all!.split(",").filter((host) => !/amazonaws|api\.aws|^169\.254|^\[fd00/.test(host)), [
      ...hosts,
    ]);
  });
}

/** Text that YAML writes in different ways: plain, in quotes, over lines. */
const SCALAR = fc.oneof(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.constantFrom(
    "it's",
    "a: b",
    "x # y",
    "- z",
    "{ a: 1 }",
    "[b",
    '"q"',
    "region: other",
    "a long text ".repeat(12) + "\nregion: other",
    "line\nregion: other\n",
    "",
    "#",
    "|",
    "~",
  ),
);
const KEY = fc.constantFrom(
  "region",
  "stateDir",
  "logFile",
  "binDir",
  "profile",
  "configFile",
  "endpoints",
  "ec2",
  "aws",
  "slurm",
  "note",
);
const DECOY = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    SCALAR,
    fc.dictionary(KEY, tie("value"), { maxKeys: 4 }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
})).value;
const PATH = fc.stringMatching(/^(\/[a-z][a-z .-]{0,6}[a-z]){1,3}$/);
const CONFIG = fc.record({
  tags: DECOY,
  region: fc.constantFrom("eu-west-1", "us-gov-east-1"),
  defaults: DECOY,
  aws: fc.record({ endpoints: fc.record({ ec2: fc.webUrl() }), credentialsFile: PATH, tags: DECOY }, {
    requiredKeys: [],
  }),
  nodeGroups: fc.array(DECOY, { maxLength: 3 }),
  slurm: fc.record({ partitionOptions: DECOY, binDir: PATH }, { requiredKeys: ["binDir"] }),
  stateDir: PATH,
  more: DECOY,
}, { noNullPrototype: true });
const STYLE = fc.record(
  {
    indent: fc.constantFrom(1, 2, 4),
    indentSeq: fc.boolean(),
    collectionStyle: fc.constantFrom("any", "block", "flow"),
    defaultStringType: fc.constantFrom(
      "PLAIN",
      "QUOTE_DOUBLE",
      "QUOTE_SINGLE",
      "BLOCK_LITERAL",
      "BLOCK_FOLDED",
    ),
    defaultKeyType: fc.constantFrom("PLAIN", "QUOTE_DOUBLE"),
    lineWidth: fc.constantFrom(0, 80),
  } as const,
);

/** The machine's own awk, and every other that it has. */
const AWKS = ["awk", "gawk", "busybox awk", "original-awk"].filter((awk) =>
  missingPrograms(awk.split(" ")[0]!) === undefined
);
for (const awk of AWKS) {
  Deno.test(`find_places() by ${awk} finds what the file says, in whatever style YAML writes it`, async () => {
    await fc.assert(
      fc.asyncProperty(CONFIG, STYLE, async (config, style) => {
        const text = stringify(config, { ...style, aliasDuplicateObjects: false });
        const { hosts: _, ...places } = await placesOf(text, awk);
        assertEquals(places, {
          ...DEFAULTS,
          region: config.region,
          stateDir: config.stateDir,
          binDir: config.slurm.binDir,
          credentialsFile: config.aws.credentialsFile ?? "",
        }, text);
      }),
      { numRuns: 50 },
    );
  });
}
