import * as v from "valibot";

/** Copied into the JSON Schema: editors should accept text unquoted even where YAML reads a number or a truth value. */
const UNQUOTED = { type: ["string", "number", "boolean"] };

/**
 * A value whose text is meant even where YAML reads a number or a truth value: the reader hands over the source
 * text for it, so that `24.10` stays `24.10`.
 */
export const text = (expectation: string, pattern: RegExp) =>
  v.pipe(v.string(), v.regex(pattern, expectation), v.metadata(UNQUOTED));

/** A value that is text in YAML too. */
export const word = (expectation: string, pattern: RegExp) =>
  v.pipe(v.string(), v.regex(pattern, expectation));

/** A whole number between two bounds, both included. */
export const whole = (minimum: number, maximum: number) => {
  const expectation = `a whole number from ${minimum} to ${maximum}`;
  return v.pipe(
    v.number(),
    v.integer(expectation),
    v.minValue(minimum, expectation),
    v.maxValue(maximum, expectation),
  );
};

/** An absolute path without control characters. */
export const absolutePath = word("an absolute path", /^\/[^\p{Cc}]*$/u);

const DURATION = /^(?:([0-9]+)|(?=.)(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?)$/;

/** A duration as people write it, `90s`, `30m`, `1h30m`, `7d`, or a number of seconds; becomes seconds. */
export const duration = (minimum: number, maximum: number, help: string) =>
  v.pipe(
    v.string(),
    v.regex(DURATION, "a duration such as 90s, 30m, 1h30m, 7d, or a number of seconds"),
    v.metadata(UNQUOTED),
    v.description(help),
    v.transform(durationSeconds),
    v.check(
      (seconds) => seconds >= minimum && seconds <= maximum,
      `a duration from ${minimum} to ${maximum} seconds`,
    ),
  );

function durationSeconds(given: string): number {
  const parts = (DURATION.exec(given) ?? []).slice(1).map((part) => Number(part ?? 0));
  const [bare = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts;
  return bare + ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** Ids that EC2 gives out: a prefix and 8 or (since 2016) 17 hexadecimal digits. */
const id = (prefix: string, noun: string) =>
  word(`${noun} id such as ${prefix}-0123456789abcdef0`, new RegExp(`^${prefix}-[0-9a-f]{8,17}$`));

/** A subnet's id. */
export const subnetId = id("subnet", "a subnet");
/** A security group's id. */
export const securityGroupId = id("sg", "a security group");
/** An image's id. */
export const imageId = id("ami", "an image");
/** A capacity reservation's id. */
export const capacityReservationId = id("cr", "a capacity reservation");

/** An EC2 instance type; the set grows every month, so only its form is checked here. */
export const instanceType = word("an EC2 instance type such as c7i.large", /^[a-z0-9-]+\.[a-z0-9-]+$/);

/**
 * A name that is safe in slurm.conf (no separators, quotes or comments), in EC2 tags and in SSM parameter
 * paths (letters, digits, `.`, `-` and `_`:
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html).
 */
export const slurmName = text(
  "a name of at most 64 letters, digits, '-', '_' or '.', beginning with a letter or digit",
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
);

/** ClusterName: as {@link slurmName} without dots; at most 40 characters, which every tool around Slurm takes. */
export const clusterName = text(
  "a name of at most 40 letters, digits, '-' or '_', beginning with a letter or digit",
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/,
);

/** An AWS region, of any partition: `eu-west-1`, `us-gov-east-1`, `eusc-de-east-1`. */
export const region = word("an AWS region such as eu-west-1", /^[a-z]{2,4}(-[a-z]+)+-[1-9][0-9]?$/);

/** A distribution's major version, as SSM parameter paths have it. */
export const osVersion = text("a major version such as 9", /^[0-9]+(\.[0-9]+)?$/);

/** An http or https URL without a path of its own. */
export const endpointUrl = v.pipe(
  v.string(),
  v.check(isEndpoint, "a URL such as https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com"),
);

function isEndpoint(given: string): boolean {
  const url = URL.parse(given);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" &&
    url.hash === "";
}
