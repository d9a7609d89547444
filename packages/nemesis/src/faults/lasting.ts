import type { Breach } from '@locks/history'
import type { Crewman } from '../fleet.ts'
import type { Fault, Place } from './fault.ts'
import type { Scene } from './scene.ts'

/** A fault that begins while `holder` holds a lock, and after a while is ended by what `begin` returns. */
export function lasting(
  kind: string,
  place: Place,
  begin: (scene: Scene, holder: Crewman) => Promise<() => unknown>,
  breaks?: readonly Breach[],
): Fault {
  const known = { kind, place, ...(breaks && { breaks }) }
  return {
    ...known,
    async strike(scene) {
      const holder = await scene.holder()
      await scene.during(known, async () => {
        const end = await begin(scene, holder)
        await scene.last()
        await end()
      })
    },
  }
}

/** A fault that is over as soon as it has happened. */
export function sudden(
  kind: string,
  place: Place,
  happen: (scene: Scene, holder: Crewman) => Promise<unknown>,
  breaks?: readonly Breach[],
): Fault {
  const known = { kind, place, ...(breaks && { breaks }) }
  return {
    ...known,
    async strike(scene) {
      const holder = await scene.holder()
      await scene.during(known, () => happen(scene, holder))
    },
  }
}
