import type { ChaosFault } from '@locks/core/testing'
import type { Fault } from './fault.ts'
import { lasting } from './lasting.ts'

const PROBABILITY = 0.4

/** What would lie between a client and its server, if the store were one. */
export const chaosFaults: readonly Fault[] = Object.entries({
  'calls refused': 'throw',
  'requests dropped': 'dropRequest',
  'replies dropped': 'dropReply',
  'requests late': { delayRequest: 300 },
  'requests very late': { delayRequest: 2500 },
  'replies late': { delayReply: 300 },
} satisfies Record<string, ChaosFault>).map(([kind, fault]) =>
  lasting(`store: ${kind}`, 'network', async ({ coordinator }, { name }) => {
    coordinator.order(name, { do: 'chaos', fault, probability: PROBABILITY })
    return () => coordinator.order(name, { do: 'calm' })
  }),
)
