import { HerdCache } from '@locks/herd-cache'
import { redisStore } from '@locks/redis'
import { startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import type { Scenario } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { digits, median } from '../harness/statistics.ts'
import { atMost } from '../harness/target.ts'

const SIZES = [100, 1000, 10_000, 100_000, 1_000_000]
/** Of one slice. */
const BYTES = 2_000_000

interface Value {
  readonly text: string
}

type Step = (key: string, value: Value) => Promise<Value | undefined>

/** What it costs to get and set a value of Redis, by its size. */
export async function values({ rounds = 5 }: Settings): Promise<Scenario> {
  await using server = await startRedis()
  const client = await connect(server.url)
  const steps = stepsOn(client)
  const names = Object.keys(steps)
  const micros = new Map(names.map((name) => [name, SIZES.map(() => [] as number[])]))
  let wrong = 0
  // The first round is the compiler's.
  for (let round = 0; round <= rounds; round++) {
    for (const [at, size] of SIZES.entries()) {
      const value = { text: textOf(size) }
      for (const [name, step] of Object.entries(steps)) {
        const slice = await cpuMicros(step, `${size}`, value)
        wrong += slice.wrong
        if (round > 0) micros.get(name)?.[at]?.push(slice.micros)
      }
    }
  }
  client.destroy()
  const of = (name: string, at: number) => median(micros.get(name)?.[at] ?? [])
  const perByte = (name: string, at: number) => of(name, at) / (SIZES[at] ?? 1)
  return {
    title: 'scale: size of the value',
    notes: [
      `CPU us: of this process with all its threads; one caller; hexadecimal text in an object; median of ${rounds}`,
    ],
    rows: SIZES.map((size, at) => ({
      bytes: size,
      ...Object.fromEntries(names.map((name) => [`CPU us, ${name}`, digits(of(name, at))])),
    })),
    targets: ['get', 'set'].map((name) =>
      atMost(
        `CPU per byte of a ${name}, 1 MB over 100 kB`,
        perByte(name, 4) / perByte(name, 3),
        1.5,
      ),
    ),
    violations: wrong > 0 ? [`${wrong} values were not those that had been set`] : [],
    missing: [],
  }
}

const connect = (url: string) => createClient({ url }).connect()

/** Each `get` follows upon the `set` of the same kind. */
function stepsOn(client: Awaited<ReturnType<typeof connect>>): Readonly<Record<string, Step>> {
  const options = { store: redisStore(client), ttl: '1h', storeTimeout: '60s' } as const
  const cache = new HerdCache({ ...options, namespace: 'default' })
  const plain = new HerdCache({ ...options, namespace: 'plain', compressor: false })
  return {
    set: (key, value) => cache.set(key, value).then(() => value),
    get: (key) => cache.get<Value>(key),
    'set uncompressed': (key, value) => plain.set(key, value).then(() => value),
    'get uncompressed': (key) => plain.get<Value>(key),
    'set by the client': (key, value) =>
      client.set(`raw:${key}`, JSON.stringify(value)).then(() => value),
    'get by the client': async (key) => JSON.parse((await client.get(`raw:${key}`)) ?? 'null'),
  }
}

async function cpuMicros(step: Step, key: string, value: Value) {
  const times = Math.min(200, Math.max(5, Math.round(BYTES / value.text.length)))
  let wrong = 0
  const before = process.cpuUsage()
  for (let time = 0; time < times; time++) {
    const found = await step(key, value)
    if (found?.text.length !== value.text.length) wrong++
  }
  const { user, system } = process.cpuUsage(before)
  return { micros: (user + system) / times, wrong }
}

/** As compressible as identifiers are: to about six tenths. */
function textOf(length: number): string {
  let text = ''
  while (text.length < length) text += crypto.randomUUID()
  return text.slice(0, length)
}
