/** The parts of a valibot schema that say which kind of data it takes; valibot's types keep them out of reach. */
export interface Shape {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly value?: Shape;
  readonly wrapped?: Shape;
  readonly options?: readonly unknown[];
}

/** What YAML must hold for a schema. */
export type Kind = "map" | "list" | "scalar" | "any";

/** The schema inside of `optional`. */
export function unwrap(shape: Shape): Shape {
  return shape.wrapped ? unwrap(shape.wrapped) : shape;
}

/** Which kind of YAML node a schema takes. */
export function kindOf(shape: Shape): Kind {
  switch (shape.type) {
    case "strict_object":
    case "record":
      return "map";
    case "array":
      return "list";
    case "unknown":
      return "any";
    default:
      return "scalar";
  }
}

/** Whether a scalar's source text is meant rather than the number or truth value that YAML makes of it. */
export function wantsText(shape: Shape): boolean {
  if (shape.type === "picklist") return typeof shape.options?.[0] === "string";
  return shape.type === "string";
}
