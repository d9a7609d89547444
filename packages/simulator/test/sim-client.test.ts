import { expect, test } from '@jest/globals'
import { type Faults, NO_FAULTS } from '../src/faults.ts'
import { SimClient } from '../src/fleet/sim-client.ts'
import { World } from '../src/time/world.ts'

function aClient(faults: Partial<Faults> = {}) {
  const world = new World(7, false)
  return {
    world,
    client: new SimClient(world, 0, { ...NO_FAULTS, timerLateMs: 0, ...faults }, 100),
  }
}

test('its monotonic clock runs at its own rate, within the allowed drift', async () => {
  const { world, client } = aClient({ drift: 0.005 })
  const before = client.clock.now()
  world.at(1000, 'later', () => {})
  await world.run(() => {})
  expect(client.clock.now() - before).toBeCloseTo(1000 * client.rate, 6)
  expect(client.rate).not.toBe(1)
  expect(Math.abs(client.rate - 1)).toBeLessThanOrEqual(0.005)
})

test('a timer is due by its own clock', async () => {
  const { world, client } = aClient({ drift: 0.005 })
  const before = client.clock.now()
  let firedAt = 0
  client.clock.after(1000, () => {
    firedAt = client.clock.now()
  })
  await world.run(() => {})
  expect(firedAt - before).toBeGreaterThanOrEqual(1000)
  expect(firedAt - before).toBeLessThan(1000.001)
})

test('while it is paused nothing happens to it; then overdue timers come before deliveries', async () => {
  const { world, client } = aClient()
  const seen: string[] = []
  const note = (what: string) => () => seen.push(`${what} ${world.nowMs}`)
  client.clock.after(30, note('timer'))
  world.at(20, 'reply', note('reply'), client)
  world.at(60, 'reply', note('later'), client)
  world.at(10, 'chaos', () => client.pause(40))
  world.at(20, 'chaos', note('world'))
  await world.run(() => {})
  expect(seen).toEqual(['world 20', 'timer 50', 'reply 50', 'later 60'])
  expect(client.pausedMs).toBe(40)
})

test('a timer that is cancelled while the client is paused does not fire', async () => {
  const { world, client } = aClient()
  const seen: string[] = []
  const cancel = client.clock.after(20, () => seen.push('cancelled'))
  client.clock.after(15, cancel)
  world.at(10, 'chaos', () => client.pause(40))
  await world.run(() => {})
  expect(seen).toEqual([])
})

test('nothing happens to it after a crash', async () => {
  const { world, client } = aClient()
  const seen: string[] = []
  client.clock.after(20, () => seen.push('timer'))
  world.at(10, 'chaos', () => client.crash())
  await world.run(() => {})
  expect(seen).toEqual([])
  expect(client.running).toBe(false)
})

test('a jump moves its wall clock alone', () => {
  const { client } = aClient()
  const [now, wall] = [client.clock.now(), client.clock.wall()]
  client.jumpWall()
  expect(client.clock.now()).toBe(now)
  expect(client.clock.wall()).not.toBe(wall)
})

test('its tokens are unique, and name it', () => {
  const { client } = aClient()
  expect([client.random.token(), client.random.token()]).toEqual(['c0-1', 'c0-2'])
})
