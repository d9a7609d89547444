import { describe } from './errors.ts'

/** `listener`, made harmless: one that throws or rejects must not cost anybody a lock or a value. */
export function guarded<Event>(
  listener: ((event: Event) => unknown) | undefined,
): (event: Event) => void {
  if (!listener) return () => {}
  return (event) => {
    try {
      const returned = listener(event)
      if (returned instanceof Promise) returned.catch(warn)
    } catch (error) {
      warn(error)
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(`an event listener failed: ${describe(error)}`, 'LocksWarning')
}
