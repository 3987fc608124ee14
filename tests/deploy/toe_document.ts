import * as v from "valibot";

const Common = {
  name: v.pipe(v.string(), v.nonEmpty()),
  // 7200 unless said; -1: no limit.
  timeoutSeconds: v.optional(
    v.pipe(v.number(), v.integer(), v.check((seconds) => seconds === -1 || seconds > 0)),
  ),
  onFailure: v.optional(v.picklist(["Abort", "Continue", "Ignore"])),
  maxAttempts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
};

const Step = v.variant("action", [
  v.strictObject({
    ...Common,
    action: v.literal("ExecuteBash"),
    inputs: v.strictObject({ commands: v.pipe(v.array(v.string()), v.minLength(1)) }),
  }),
  v.strictObject({
    ...Common,
    action: v.literal("S3Download"),
    inputs: v.pipe(
      v.array(v.strictObject({
        source: v.string(),
        destination: v.string(),
        expectedBucketOwner: v.optional(v.string()),
        overwrite: v.optional(v.boolean()),
      })),
      v.minLength(1),
    ),
  }),
]);

const Phase = v.strictObject({
  name: v.picklist(["build", "validate", "test", "container-host-test"]),
  steps: v.pipe(v.array(Step), v.minLength(1), v.check((items) => haveNamesOfTheirOwn(items))),
});

/**
 * A component document of EC2 Image Builder, as its user guide describes it: keys, types, values and limits
 * (https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html#document-schema,
 * https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-user-defined-variables.html). Of the actions, those that
 * we use (https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-action-modules.html).
 */
export const ToeDocument = v.pipe(
  v.strictObject({
    name: v.optional(v.string()),
    description: v.optional(v.string()),
    schemaVersion: v.union([v.literal(1), v.literal("1.0")]),
    parameters: v.optional(
      variables({ default: v.optional(v.string()), description: v.optional(v.string()) }),
    ),
    constants: v.optional(variables({ value: v.string() })),
    phases: v.pipe(v.array(Phase), v.minLength(1), v.check((items) => haveNamesOfTheirOwn(items))),
  }),
  v.check(
    (document) => undefinedNames(document).length === 0,
    (issue) => `Not defined: ${undefinedNames(issue.input as object).join(", ")}`,
  ),
);

/** Lists of one-key objects; names of 3 to 128 characters; the only type is `string`. */
function variables<T extends v.ObjectEntries>(entries: T) {
  const name = v.pipe(v.string(), v.regex(/^[a-zA-Z0-9_-]{3,128}$/));
  return v.array(v.pipe(
    v.record(name, v.strictObject({ type: v.literal("string"), ...entries })),
    v.check((one) => Object.keys(one).length === 1, "One name an item"),
  ));
}

function haveNamesOfTheirOwn(items: readonly { readonly name: string }[]): boolean {
  return new Set(items.map(({ name }) => name)).size === items.length;
}

/** Names in `{{ … }}` that nothing defines; references to other steps' outputs have a dot. */
function undefinedNames(document: object): string[] {
  const { parameters = [], constants = [] } = document as Record<
    string,
    Record<string, unknown>[] | undefined
  >;
  const defined = new Set([...parameters, ...constants].flatMap((one) => Object.keys(one)));
  const used = [...JSON.stringify(document).matchAll(/\{\{\s*([^}\s]+)\s*\}\}/g)].map(([, name]) => name!);
  return [...new Set(used.filter((name) => !name.includes(".") && !defined.has(name)))];
}
