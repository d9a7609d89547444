import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { systemClock } from '../src/clock.ts'

const TIMER_MAX_MS = 2 ** 31 - 1

describe('a timer of the system clock', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  test('calls back once, after its delay', () => {
    const callback = jest.fn()
    systemClock.after(1000, callback)
    jest.advanceTimersByTime(999)
    expect(callback).not.toHaveBeenCalled()
    jest.advanceTimersByTime(1)
    expect(callback).toHaveBeenCalledTimes(1)
    jest.advanceTimersByTime(100_000)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  test.each([0, -5])('with the delay %p calls back soon, but never in the same turn', (delayMs) => {
    const callback = jest.fn()
    systemClock.after(delayMs, callback)
    expect(callback).not.toHaveBeenCalled()
    jest.advanceTimersByTime(1)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  test('that was cancelled never calls back, and may be cancelled again', () => {
    const callback = jest.fn()
    const cancel = systemClock.after(1000, callback)
    cancel()
    cancel()
    jest.advanceTimersByTime(2000)
    expect(callback).not.toHaveBeenCalled()
    expect(jest.getTimerCount()).toBe(0)
  })

  test.each([
    ['the longest of Node', TIMER_MAX_MS],
    ['one more than the longest of Node', TIMER_MAX_MS + 1],
    ['three times the longest of Node', 3 * TIMER_MAX_MS + 5],
    ['365 days', 365 * 86_400_000],
  ])('does not call back early when its delay is %s', (_what, delayMs) => {
    const callback = jest.fn()
    systemClock.after(delayMs, callback)
    jest.advanceTimersByTime(delayMs - 1)
    expect(callback).not.toHaveBeenCalled()
    jest.advanceTimersByTime(1)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  test('that is far away can be cancelled after its first leg', () => {
    const callback = jest.fn()
    const cancel = systemClock.after(2 * TIMER_MAX_MS, callback)
    jest.advanceTimersByTime(TIMER_MAX_MS + 5)
    cancel()
    expect(jest.getTimerCount()).toBe(0)
    jest.advanceTimersByTime(TIMER_MAX_MS)
    expect(callback).not.toHaveBeenCalled()
  })

  test('that is infinitely far away never calls back and does not spin', () => {
    const callback = jest.fn()
    const cancel = systemClock.after(Number.POSITIVE_INFINITY, callback)
    jest.advanceTimersByTime(5 * TIMER_MAX_MS)
    expect(callback).not.toHaveBeenCalled()
    expect(jest.getTimerCount()).toBe(1)
    cancel()
  })
})

describe('the system clock', () => {
  afterEach(() => {
    jest.restoreAllMocks()
  })

  // Node cuts 10.5 ms down to 10, and may be another millisecond early: 358 of 400 timers were.
  test('does not call back early when Node does', () => {
    let nowMs = 100.25
    const armed: { run: () => void; delayMs: number }[] = []
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs)
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, delayMs: number) => {
      armed.push({ run, delayMs })
      return { unref: () => {} }
    }) as never)
    const callback = jest.fn()
    systemClock.after(10.5, callback)
    nowMs = 109.9
    armed[0]?.run()
    expect(callback).not.toHaveBeenCalled()
    nowMs = 111
    armed[1]?.run()
    expect(callback).toHaveBeenCalledTimes(1)
    expect(armed).toHaveLength(2)
  })

  test('is monotonic: it does not follow the machine’s clock', () => {
    const before = systemClock.now()
    jest.spyOn(Date, 'now').mockReturnValue(5)
    expect(systemClock.wall()).toBe(5)
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
  })
})

describe('in a process of its own', () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url))

  /** Runs `body` in a child that ends when nothing keeps it alive, or is killed. */
  function runChild(body: string): Promise<{ stdout: string; killed: boolean }> {
    const code = `import { systemClock } from './packages/core/src/clock.ts'\n${body}`
    const args = ['--import', 'tsx', '--input-type=module', '--eval', code]
    return new Promise((resolve) => {
      const options = { cwd: root, timeout: 150_000 }
      execFile(process.execPath, args, options, (error, stdout) => {
        resolve({ stdout, killed: error?.killed ?? false })
      })
    })
  }

  test('a background timer does not keep the process alive', async () => {
    const body = `
      systemClock.after(3_600_000, () => {}, { background: true })
      systemClock.after(2 ** 33, () => {}, { background: true })
      process.on('exit', () => console.log('ended'))`
    expect(await runChild(body)).toEqual({ stdout: 'ended\n', killed: false })
  })

  /** A reply lies in the socket, a timer is overdue, and the event loop has stood still. */
  const stalled = (then: string) => `
      import { once } from 'node:events'
      import { mkdtempSync } from 'node:fs'
      import { connect, createServer } from 'node:net'
      import { tmpdir } from 'node:os'
      const path = mkdtempSync(tmpdir() + '/clock-') + '/s'
      const server = createServer().listen(path)
      await once(server, 'listening')
      const client = connect(path)
      const [peer] = await once(server, 'connection')
      const cancel = systemClock.after(1, () => {
        console.log('timer')
        process.exit()
      })
      client.on('data', () => {
        console.log('reply')
        ${then}
      })
      peer.write('x')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)`

  test('what has arrived during a stall is read before a timer that is overdue calls back', async () => {
    expect(await runChild(stalled(''))).toEqual({ stdout: 'reply\ntimer\n', killed: false })
  })

  test('a timer that is overdue may be cancelled by what has arrived', async () => {
    const body = stalled('cancel()\nsetTimeout(process.exit, 0, 0)')
    expect(await runChild(body)).toEqual({ stdout: 'reply\n', killed: false })
  })

  test('another timer does keep the process alive', async () => {
    const body = `systemClock.after(20, () => console.log('called'))`
    expect(await runChild(body)).toEqual({ stdout: 'called\n', killed: false })
  })
})
