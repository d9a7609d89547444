/** What clients and a server said to each other. */
export interface Traffic {
  readonly requests: number
  readonly bytes: number
}

/**
 * How much a counter grows during `run`. It is asked twice before, and what asking itself adds is left out.
 */
export async function growth(
  ask: () => Promise<Traffic>,
  run: () => Promise<unknown>,
): Promise<Traffic> {
  const first = await ask()
  const before = await ask()
  await run()
  const after = await ask()
  const of = (field: keyof Traffic) => after[field] - 2 * before[field] + first[field]
  return { requests: of('requests'), bytes: of('bytes') }
}
