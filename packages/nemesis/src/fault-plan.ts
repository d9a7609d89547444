import type { Chance } from './chance.ts'
import type { Fault } from './faults/fault.ts'

const BOTH = 0.3

/** For ever: every fault in turn, in an order of chance, sometimes with one in another place beside it. */
export function* faultPlan(faults: readonly Fault[], chance: Chance): Generator<readonly Fault[]> {
  for (;;) {
    for (const fault of chance.shuffled(faults)) {
      const others = faults.filter(({ place }) => place !== fault.place)
      if (others.length > 0 && chance.of(BOTH)) yield [fault, chance.pick(others)]
      else yield [fault]
    }
  }
}
