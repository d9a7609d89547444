import { NotApplicable, type RuleGroup, TooLate } from './rule-group.ts'
import type { Runner } from './runner.ts'

/** Stores that count TTLs in whole seconds make for long waits; no rule is about being fast. */
const CASE_MAX_MS = 180_000
const ATTEMPTS_MAX = 5

/** A bench is closed after its rule, then its store is. */
interface Closable {
  close?(): Promise<void>
}

/** What registering answers: nothing, or a promise if creating a store takes one. */
export type Registered<Created> = Created extends Promise<unknown> ? Promise<void> : undefined

export interface Suite<
  Store extends Closable,
  Bench extends Closable,
  Created = Store | Promise<Store>,
> {
  readonly title: string
  readonly create: () => Created
  /** `tooLate`: how often the machine was too slow for this rule before. */
  readonly bench: (store: Store, tooLate: number) => Bench
  readonly groups: readonly RuleGroup<Bench>[]
}

/**
 * Registers one case per rule. A first store is created at once, since its facts and methods say which
 * rules are skipped, and runners take cases only while the test file is being read.
 */
export function register<
  Store extends Closable,
  Bench extends Closable,
  Created extends Store | Promise<Store>,
>(runner: Runner, suite: Suite<Store, Bench, Created>): Registered<Created> {
  const probe: Store | Promise<Store> = suite.create()
  const registered = isPromise(probe)
    ? probe.then((store) => registerRules(runner, suite, store))
    : registerRules(runner, suite, probe)
  return registered as Registered<Created>
}

/** By its method: runners load code into realms whose promises are not `instanceof` one another. */
const isPromise = <T extends object>(value: T | Promise<T>): value is Promise<T> => 'then' in value

function registerRules<Store extends Closable, Bench extends Closable>(
  runner: Runner,
  suite: Suite<Store, Bench>,
  probe: Store,
): void {
  const bench = suite.bench(probe, 0)
  void closeUnheard(probe)
  runner.describe(suite.title, () => {
    for (const { title, unless, rules } of suite.groups) {
      const reason = unless?.(bench)
      runner.describe(title, () => {
        for (const [rule, check] of Object.entries(rules)) {
          if (reason === undefined) runner.test(rule, asCase(suite, rule, check), CASE_MAX_MS)
          else registerSkip(runner, `${rule} (skipped: ${reason})`)
        }
      })
    }
  })
}

/** That closing works is a rule of its own. */
async function closeUnheard(store: Closable): Promise<void> {
  try {
    await store.close?.()
  } catch {}
}

function registerSkip({ test }: Runner, title: string): void {
  const run = async () => {}
  if (test.skip) test.skip.call(test, title, run)
  else test(title, run, CASE_MAX_MS)
}

/** No declared parameter, or Jest and Mocha would wait for a callback. */
function asCase<Store extends Closable, Bench extends Closable>(
  suite: Suite<Store, Bench>,
  rule: string,
  check: (bench: Bench) => Promise<void>,
): () => Promise<void> {
  return async function run(this: unknown, ...given: unknown[]) {
    const contexts = [this, ...given].map((context) => (context ?? {}) as RunnerContext)
    for (const context of contexts) {
      if (typeof context.timeout === 'function') context.timeout(CASE_MAX_MS)
    }
    try {
      await attempt(suite, check)
    } catch (error) {
      if (!(error instanceof NotApplicable)) throw error
      skipNow(contexts, rule, error.message)
    }
  }
}

async function attempt<Store extends Closable, Bench extends Closable>(
  suite: Suite<Store, Bench>,
  check: (bench: Bench) => Promise<void>,
  tooLate = 0,
): Promise<void> {
  const store = await suite.create()
  const bench = suite.bench(store, tooLate)
  try {
    return await check(bench)
  } catch (error) {
    if (!(error instanceof TooLate) || tooLate + 1 === ATTEMPTS_MAX) throw error
  } finally {
    await bench.close?.()
    await store.close?.()
  }
  await attempt(suite, check, tooLate + 1)
}

/** What a runner hands to a running case: Mocha as `this`, Vitest and `node:test` as argument. */
interface RunnerContext {
  skip?(reason: string): void
  timeout?(ms: number): void
}

function skipNow(contexts: readonly RunnerContext[], rule: string, reason: string): void {
  const context = contexts.find(({ skip }) => typeof skip === 'function')
  if (context) context.skip?.(reason)
  // Jest cannot skip a case that runs.
  else console.log(`skipped: ${rule} (${reason})`)
}
