import { describe, expect, test } from '@jest/globals'
import { NameQueue } from '../../src/lock/name-queue.ts'
import type { Place } from '../../src/lock/place.ts'
import { manualClock } from '../../src/testing/index.ts'

const HELD = { state: 'held', remainingMs: 60_000 } as const
const LOST = { ...HELD, kept: false }
const KEPT = { ...HELD, kept: true }

/** `waiters` that all have their place in the store, and how often each has been made to ask. */
function room(waiters: number) {
  const clock = manualClock()
  const queue = new NameQueue(clock, { fraction: () => 0, token: () => 'token' })
  const places = Array.from({ length: waiters }, () => queue.enter())
  const asks = places.map(() => 0)
  const listen = (place: Place, index: number) =>
    place.onNews(() => {
      asks[index] = (asks[index] ?? 0) + 1
    })
  for (const place of places) {
    place.asked()
    queue.answered(place, LOST)
  }
  places.forEach(listen)
  const answer = (index: number, reply: typeof LOST | typeof KEPT) => {
    const place = places[index] as Place
    place.asked()
    queue.answered(place, reply)
    listen(place, index)
  }
  return { clock, queue, places, asks, answer }
}

describe('the waiters of one name', () => {
  test('have no place before their first command: nothing is lost', () => {
    expect(room(5).asks).toEqual([0, 0, 0, 0, 0])
  })

  test('a lost place makes one other ask, and no more when that one has its own', () => {
    const { asks, answer } = room(5)
    answer(0, LOST)
    expect(asks).toEqual([0, 1, 0, 0, 0])
    answer(1, KEPT)
    expect(asks).toEqual([0, 1, 0, 0, 0])
    answer(1, LOST)
    expect(asks).toEqual([1, 1, 0, 0, 0])
  })

  test('two lost places make everybody ask, once, however many were lost', () => {
    const { asks, answer } = room(5)
    answer(0, LOST)
    answer(1, LOST)
    const asked = [...asks]
    for (let index = 0; index < 5; index++) answer(index, LOST)
    expect(asked).toEqual([1, 1, 1, 1, 1])
    expect(asks).toEqual(asked)
  })

  test('it is found when the first to ask was granted the lock', () => {
    const { asks, answer, queue, places } = room(4)
    places[0]?.asked()
    queue.answered(places[0] as Place, { state: 'granted', remainingMs: 60_000, kept: false })
    queue.leave(places[0] as Place)
    answer(1, LOST)
    expect(asks).toEqual([0, 1, 1, 1])
  })

  test('a later loss is found as well', async () => {
    const { asks, answer, clock } = room(3)
    answer(0, LOST)
    answer(1, LOST)
    await clock.advance(4000)
    answer(0, LOST)
    answer(1, LOST)
    expect(asks).toEqual([2, 2, 2])
  })

  test('who has asked after a reconnect does not have everybody ask once more', () => {
    const { asks, answer, queue } = room(3)
    queue.askAll()
    for (let index = 0; index < 3; index++) answer(index, LOST)
    expect(asks).toEqual([1, 1, 1])
  })

  test('a store that does not say is believed to have kept them', () => {
    const { asks, places, queue } = room(2)
    places[0]?.asked()
    queue.answered(places[0] as Place, HELD)
    expect(asks).toEqual([0, 0])
  })
})
