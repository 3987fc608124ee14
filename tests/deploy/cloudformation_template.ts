import { partitionOf } from "../../lib/aws/partition.ts";
import { type CollectionTag, parse, type ScalarTag, YAMLMap, type YAMLSeq } from "yaml";

/** A template's resource, as CloudFormation would make it. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** A template in which nothing is left open. */
export interface ResolvedTemplate {
  /** Those whose condition holds. */
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, string>>;
}

type Values = Readonly<Record<string, unknown>>;

/** Means "this property or item is not there" (`AWS::NoValue`). */
const NO_VALUE = Symbol("AWS::NoValue");

/** Where and with what a stack is made. */
export interface Stack {
  /** Default values unless given. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly account?: string;
  /** Of resources, by `Name.Attribute`; those not given become just that. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * Parses a template and fills everything in: parameters, conditions and the functions that our templates use
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html).
 * A reference to a resource becomes its name.
 * @throws {Error} for a parameter that is missing or not allowed, and for a name or function that is not known.
 */
export function resolveTemplate(text: string, stack: Stack = {}): ResolvedTemplate {
  const template = parseTemplate(text);
  const partition = partitionOf(stack.region ?? "us-east-1");
  const resolve = resolver(template, {
    "AWS::AccountId": stack.account ?? "111122223333",
    "AWS::NoValue": NO_VALUE,
    "AWS::Partition": partition.id,
    "AWS::Region": stack.region ?? "us-east-1",
    "AWS::URLSuffix": partition.dnsSuffix,
    ...stack.attributes,
    ...parameterValues(template.Parameters ?? {}, stack.parameters ?? {}),
  });
  const resources = Object.entries(template.Resources).flatMap(([name, { Condition, ...resource }]) =>
    Condition !== undefined && resolve({ Condition }) !== true ? [] : [[name, resolve(resource) as Resource]]
  );
  const outputs = Object.entries(template.Outputs ?? {}).map(([name, { Value }]) => [name, resolve(Value)]);
  return { resources: Object.fromEntries(resources), outputs: Object.fromEntries(outputs) };
}

/** A template as it is written, short forms such as `!Ref` as their long ones. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, Parameter>>;
  readonly Conditions?: Values;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Values>>>>;
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Condition?: string }>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

interface Parameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly string[];
}

/** See {@link Template}. */
export function parseTemplate(text: string): Template {
  return parse(text, { customTags: SHORT_FORMS });
}

const FUNCTIONS = [
  "Ref",
  "Condition",
  "Sub",
  "If",
  "Equals",
  "Not",
  "And",
  "Or",
  "Join",
  "Split",
  "GetAtt",
  "FindInMap",
];

const SHORT_FORMS = FUNCTIONS.flatMap((name): (ScalarTag | CollectionTag)[] => {
  const long = name === "Ref" || name === "Condition" ? name : `Fn::${name}`;
  const wrap = (value: unknown) => ({ [long]: value });
  return [
    {
      tag: `!${name}`,
      resolve: (text: string) => wrap(name === "GetAtt" ? text.split(".") : text),
    },
    {
      tag: `!${name}`,
      collection: "seq",
      resolve: (items) => toMap(long, items as YAMLSeq),
    },
  ];
});

function toMap(key: string, items: YAMLSeq): YAMLMap {
  const map = new YAMLMap();
  map.set(key, items);
  return map;
}

function parameterValues(
  declared: Readonly<Record<string, Parameter>>,
  given: Readonly<Record<string, string>>,
): Values {
  const unknown = Object.keys(given).find((name) => !(name in declared));
  if (unknown !== undefined) throw new Error(`No parameter ${unknown}`);
  return Object.fromEntries(
    Object.entries(declared).map(([name, parameter]) => {
      const value = given[name] ?? parameter.Default;
      if (value === undefined) throw new Error(`Parameter ${name} is missing`);
      const { AllowedPattern, AllowedValues } = parameter;
      if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(String(value))) {
        throw new Error(`Parameter ${name}: "${value}" does not match ${AllowedPattern}`);
      }
      if (AllowedValues !== undefined && !AllowedValues.includes(String(value))) {
        throw new Error(`Parameter ${name}: "${value}" is not allowed`);
      }
      return [name, parameter.Type === "CommaDelimitedList" ? String(value).split(",") : value];
    }),
  );
}

function resolver(template: Template, known: Values): (value: unknown) => unknown {
  const reference = (name: string): unknown => {
    if (name in known) return known[name];
    if (name.split(".")[0]! in template.Resources) return name;
    throw new Error(`Nothing is called ${name}`);
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== NO_VALUE);
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [];
    if (entries.length === 1 && name !== undefined && (name === "Ref" || name.startsWith("Fn::"))) {
      return call(name, argument);
    }
    if (entries.length === 1 && name === "Condition" && typeof argument === "string") {
      return condition(argument);
    }
    return Object.fromEntries(
      entries.map(([key, item]) => [key, resolve(item)]).filter(([, item]) => item !== NO_VALUE),
    );
  };
  const condition = (name: string): unknown => {
    if (template.Conditions === undefined || !(name in template.Conditions)) {
      throw new Error(`No condition ${name}`);
    }
    return resolve(template.Conditions[name]);
  };
  const substitute = (text: string, own: Values): string =>
    text.replace(/\$\{([^!}][^}]*)\}/g, (_, name) => String(name in own ? own[name] : reference(name)))
      .replace(/\$\{!/g, "${");
  const call = (name: string, argument: unknown): unknown => {
    if (name === "Fn::If") {
      const [which, yes, no] = argument as [string, unknown, unknown];
      return resolve(condition(which) === true ? yes : no);
    }
    const value = resolve(argument);
    const list = value as readonly unknown[];
    switch (name) {
      case "Ref":
        return reference(value as string);
      case "Fn::GetAtt":
        return reference(list.join("."));
      case "Fn::Sub":
        return Array.isArray(value)
          ? substitute(value[0], value[1] as Values)
          : substitute(value as string, {});
      case "Fn::FindInMap": {
        const [map, first, second] = list as readonly [string, string, string];
        const found = template.Mappings?.[map]?.[first]?.[second];
        if (found === undefined) throw new Error(`No ${second} of ${first} in mapping ${map}`);
        return found;
      }
      case "Fn::Equals":
        return String(list[0]) === String(list[1]);
      case "Fn::Not":
        return list[0] !== true;
      case "Fn::And":
        return list.every((item) => item === true);
      case "Fn::Or":
        return list.some((item) => item === true);
      case "Fn::Join":
        return (list[1] as readonly string[]).join(list[0] as string);
      case "Fn::Split":
        return (list[1] as string).split(list[0] as string);
      default:
        throw new Error(`The tests don't know ${name}`);
    }
  };
  return resolve;
}
