import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Of this process, after a collection. */
export function heapKilobytes(): number {
  collect()
  return process.memoryUsage().heapUsed / 1024
}
