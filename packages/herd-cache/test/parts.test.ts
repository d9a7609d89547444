import { describe, expect, test } from '@jest/globals'
import { LoadPace } from '../src/load-pace.ts'
import { SingleFlight } from '../src/single-flight.ts'

describe('SingleFlight', () => {
  const held = () => {
    let end = { resolve: (_: string) => {}, reject: (_: Error) => {} }
    const promise = new Promise<string>((resolve, reject) => {
      end = { resolve, reject }
    })
    return { promise, ...end }
  }

  test('runs once for all who ask meanwhile, and anew for who asks after', async () => {
    const flights = new SingleFlight()
    let runs = 0
    const start = async () => `run ${++runs}`
    const first = [flights.run('k', start), flights.run('k', start), flights.run('k', start)]
    expect(flights.size).toBe(1)
    expect(await Promise.all(first)).toEqual(['run 1', 'run 1', 'run 1'])
    expect(flights.size).toBe(0)
    expect(await flights.run('k', start)).toBe('run 2')
  })

  test('is off the map before the first caller hears of the end', async () => {
    const flights = new SingleFlight()
    const one = held()
    const seen: boolean[] = []
    const see = () => seen.push(flights.size > 0)
    const callers = [flights.run('k', () => one.promise), flights.run('k', () => one.promise)]
    const heard = callers.map((caller) => caller.then(see, see))
    one.reject(new Error('no'))
    await Promise.all(heard)
    expect(seen).toEqual([false, false])
    expect(flights.size).toBe(0)
  })

  test('a detached run keeps its callers and does not take its successor off the map', async () => {
    const flights = new SingleFlight()
    const [older, newer] = [held(), held()]
    const first = flights.run('k', () => older.promise)
    flights.detach('k')
    const second = flights.run('k', () => newer.promise)
    older.resolve('older')
    expect(await first).toBe('older')
    expect(flights.size).toBe(1)
    const third = flights.run('k', async () => 'not run')
    newer.resolve('newer')
    expect(await Promise.all([second, third])).toEqual(['newer', 'newer'])
    expect(flights.size).toBe(0)
  })

  test('a run that is told late to be joined no more leaves its successor joinable', async () => {
    const flights = new SingleFlight()
    const [older, newer] = [held(), held()]
    let landOlder = () => {}
    const first = flights.run('k', (flight) => {
      landOlder = () => flight.detach()
      return older.promise
    })
    flights.detach('k')
    const second = flights.run('k', () => newer.promise)
    landOlder()
    const third = flights.run('k', async () => 'not run')
    older.resolve('older')
    newer.resolve('newer')
    expect(await Promise.all([first, second, third])).toEqual(['older', 'newer', 'newer'])
  })
})

describe('LoadPace', () => {
  const random = (fraction: number) => ({ token: () => '', fraction: () => fraction })

  test('expects 50 ms at first, then what loads take, the latest most', () => {
    const pace = new LoadPace()
    expect(pace.pauseMs(0, random(0))).toBe(50)
    pace.record(1050)
    expect(pace.pauseMs(0, random(0))).toBe(350)
    for (let load = 0; load < 50; load++) pace.record(20)
    expect(pace.pauseMs(0, random(0))).toBeCloseTo(20, 3)
  })

  test('adds up to a quarter, never less than what is expected', () => {
    const pace = new LoadPace()
    expect(pace.pauseMs(0, random(0))).toBe(50)
    expect(pace.pauseMs(0, random(1))).toBe(62.5)
  })

  test('looks after half a second at the latest, whatever loads take', () => {
    const pace = new LoadPace()
    pace.record(100_000)
    expect(pace.pauseMs(0, random(0))).toBe(500)
    expect(pace.pauseMs(0, random(1))).toBe(625)
  })

  test('waits for what is left of a load under way, 10 ms at least', () => {
    const pace = new LoadPace()
    expect(pace.pauseMs(0, random(0), 20)).toBe(30)
    expect(pace.pauseMs(0, random(0), 49)).toBe(10)
    expect(pace.pauseMs(0, random(0), 5000)).toBe(10)
    pace.record(100_000)
    expect(pace.pauseMs(0, random(0), 5000)).toBe(500)
  })

  test('takes a value that was set for no load', () => {
    const pace = new LoadPace()
    pace.record(0)
    expect(pace.pauseMs(0, random(0))).toBe(50)
  })

  test('then backs off from 10 ms to 500 ms, whatever loads take', () => {
    const pace = new LoadPace()
    pace.record(100_000)
    const pauses = Array.from({ length: 9 }, (_, index) => pace.pauseMs(index + 1, random(1)))
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 500, 500, 500])
    expect(pace.pauseMs(1_000_000, random(0))).toBe(250)
  })
})
