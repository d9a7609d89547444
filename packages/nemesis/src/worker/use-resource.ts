import type { Stay } from './stay.ts'
import type { Worker } from './worker.ts'

/** Reads, takes its time, and writes back if it still believes in its lock. */
export async function useResource(worker: Worker, stay: Stay, forMs: number): Promise<void> {
  const { link, recorder, unique } = worker
  const { lock, fence } = stay
  const base = await link.ask({ lock, fence })
  if (!base) return
  await stay.stay(forMs)
  if (!stay.held) return
  const element = unique()
  if (fence === undefined) {
    await link.ask({ lock, write: { base, element } })
    return
  }
  const asked = [
    recorder.begin('add-to-set', { set: base.set.name, element, fence }),
    recorder.begin('write-counter', { counter: lock, value: base.fenced + 1, fence }),
  ]
  const seen = await link.ask({ lock, fence, write: { base, element } })
  for (const each of asked) each.end({ is: seen ? 'written' : 'rejected' })
}
