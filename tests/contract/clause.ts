/** A way in which an implementation is known to differ from AWS. */
export interface Deviation {
  /** Name of the clause that does not hold. */
  readonly clause: string;
  /** What the implementation does instead. */
  readonly instead: string;
  /** AWS's documentation that says otherwise. */
  readonly documentation: string;
}

/** One sentence of a contract, by a name that a deviation can refer to. */
export interface Clause<Fixture> {
  readonly name: string;
  readonly holds: (fixture: Fixture) => Promise<void>;
}

/**
 * Checks every clause against one implementation, as steps of the running test. A clause with a known deviation
 * must fail: once it holds, the deviation has to be taken off the list.
 */
export async function checkClauses<Fixture>(
  test: Deno.TestContext,
  clauses: readonly Clause<Fixture>[],
  implementation: { readonly fixture: Fixture; readonly deviations?: readonly Deviation[] },
): Promise<void> {
  const { fixture, deviations = [] } = implementation;
  const unknown = deviations.filter(({ clause }) => !clauses.some(({ name }) => name === clause));
  if (unknown.length > 0) {
    throw new Error(`No such clause: "${unknown.map(({ clause }) => clause).join('", "')}"`);
  }
  for (const { name, holds } of clauses) {
    const deviation = deviations.find(({ clause }) => clause === name);
    if (deviation === undefined) await test.step(name, () => holds(fixture));
    else {await test.step(`${name}: known deviation, ${deviation.instead}`, () =>
        mustFail(name, holds(fixture)));}
  }
}

async function mustFail(name: string, running: Promise<void>): Promise<void> {
  const held = await running.then(() => true, () => false);
  if (held) throw new Error(`Clause "${name}" holds now: take it off the list of deviations`);
}
