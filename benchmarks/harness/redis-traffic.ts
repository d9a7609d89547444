import { RespConnection } from '@locks/test-servers'
import { RequestCount, sumOf } from './request-count.ts'
import { growth, type Traffic } from './traffic.ts'

const COUNTED = ['total_net_input_bytes', 'total_net_output_bytes']

/**
 * What `run` costs on a Redis server, run twice: MONITOR, which tells the requests of clients from those of
 * scripts, makes bytes of its own.
 */
export async function redisTraffic(port: number, run: () => Promise<unknown>): Promise<Traffic> {
  using control = await RespConnection.open(port)
  const { bytes } = await growth(() => bytesSoFar(control), run)
  using count = await RequestCount.open(port)
  await run()
  return { requests: sumOf(await count.take()), bytes }
}

async function bytesSoFar(control: RespConnection): Promise<Traffic> {
  const info = String(await control.call('INFO', 'stats'))
  const values = COUNTED.map((name) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]))
  return { requests: 0, bytes: values.reduce((sum, value) => sum + value, 0) }
}
