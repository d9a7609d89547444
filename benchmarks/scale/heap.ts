import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Of this process, after a collection, and another one of what the first had only found. */
export async function heapKilobytes(): Promise<number> {
  for (let i = 0; i < 2; i++) {
    await setImmediate()
    collect()
  }
  return process.memoryUsage().heapUsed / 1024
}
