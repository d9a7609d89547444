/** Proves that acquire is one atomic step: of any number of rivals at the same moment, one holds. */
import assert from 'node:assert/strict'
import { systemRandom } from '../../random.ts'
import { freshKey, freshToken, freshTokens } from '../names.ts'
import { inState, tally } from '../replies.ts'
import { wait } from '../times.ts'
import { excludesNobody, type LeaseBench, type LeaseRules } from './bench.ts'
import { assertGrows } from './fencing.ts'

const RIVALS = 50
const RACES = 20
const WORKERS = 8
const TURNS = 25
/** So many refusals without a single turn in between: the lease is not coming back. */
const REFUSALS_MAX = 5000

export const contention: LeaseRules = {
  title: 'contention',
  unless: excludesNobody,
  rules: {
    async 'one of 50 rivals gets a free name'(bench) {
      for (let race = 0; race < RACES; race++) {
        const replies = await raceFor(bench, freshKey('l'))
        assert.deepEqual(tally(replies), { granted: 1, held: RIVALS - 1 })
      }
    },

    async 'one of 50 rivals gets a name whose lease has ended'(bench) {
      const { store, outlive, slackMs } = bench
      const keys = Array.from({ length: RACES }, () => freshKey('l'))
      for (const key of keys) await store.acquire({ key, token: freshToken(), ttlMs: 1 })
      await outlive(1 + slackMs)
      for (const key of keys) {
        assert.deepEqual(tally(await raceFor(bench, key)), { granted: 1, held: RIVALS - 1 })
      }
    },

    async 'one rival at most gets a name that is being released'(bench) {
      const { store, longMs } = bench
      for (let race = 0; race < RACES; race++) {
        const lease = { key: freshKey('l'), token: freshToken() }
        await store.acquire({ ...lease, ttlMs: longMs })
        const [before, released, after] = await Promise.all([
          raceFor(bench, lease.key),
          store.release(lease),
          raceFor(bench, lease.key),
        ])
        const { granted = 0, held = 0 } = tally([...before, ...after])
        assert.equal(released.state, 'released')
        assert.ok(granted <= 1, `${granted} granted`)
        assert.equal(granted + held, 2 * RIVALS)
      }
    },

    async 'a counter that only the holder touches counts exactly'(bench) {
      let counter = 0
      const fences: number[] = []
      await takeTurns(bench, async (fence) => {
        const seen = counter
        await wait(1)
        counter = seen + 1
        if (fence !== undefined) fences.push(fence)
      })
      assert.equal(counter, WORKERS * TURNS)
      assertGrows(fences)
    },
  },
}

function raceFor({ store, longMs }: LeaseBench, key: string) {
  const requests = freshTokens(RIVALS).map((token) => ({ key, token, ttlMs: longMs }))
  return Promise.all(requests.map((request) => store.acquire(request)))
}

/** Several workers at once, each in turn when it holds the lease; who is refused tries again. */
async function takeTurns(
  { acquire, release }: LeaseBench,
  turn: (fence?: number) => Promise<void>,
): Promise<void> {
  let refusals = 0
  let over = false
  const takeTurn = async () => {
    const token = freshToken()
    let reply = await acquire(token)
    while (reply.state !== 'granted') {
      if (over) return
      assert.ok(++refusals < REFUSALS_MAX, 'the lease does not come back')
      await wait(1 + 4 * systemRandom.fraction())
      reply = await acquire(token)
    }
    refusals = 0
    await turn(reply.fence)
    inState(await release(token), 'released')
  }
  const work = async () => {
    for (let done = 0; done < TURNS && !over; done++) await takeTurn()
  }
  // The failure of one ends them all.
  await Promise.all(Array.from({ length: WORKERS }, work)).finally(() => {
    over = true
  })
}
