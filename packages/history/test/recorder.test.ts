import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { openRecorder, parseHistory, Recorder, readHistory, sharedClock } from '../src/index.ts'

/** A recorder on a clock that goes on by one with every reading, and what it has written. */
function inMemory(process = 'p1', offsetMs = 0) {
  const lines: string[] = []
  let nowMs = 0
  const recorder = new Recorder({
    process,
    now: () => ++nowMs,
    write: (line) => lines.push(line),
    offsetMs,
  })
  return { recorder, text: () => lines.join('') }
}

describe('recorder', () => {
  test('what it writes is read as it happened', () => {
    const { recorder, text } = inMemory()
    const acquire = recorder.begin('acquire', { lock: 'a', ttlMs: 100 })
    acquire.end({ is: 'granted', token: 't1', fence: 7 })
    recorder.note('lost', { lock: 'a', token: 't1', reason: 'expired' }, { is: 'seen' })

    expect(parseHistory([text()]).operations).toEqual([
      {
        kind: 'acquire',
        process: 'p1',
        asked: { lock: 'a', ttlMs: 100 },
        invokedMs: 1,
        completedMs: 2,
        outcome: { is: 'granted', token: 't1', fence: 7 },
      },
      {
        kind: 'lost',
        process: 'p1',
        asked: { lock: 'a', token: 't1', reason: 'expired' },
        invokedMs: 3,
        completedMs: 3,
        outcome: { is: 'seen' },
      },
    ])
  })

  test('what began and has not ended is open, also when its last line is torn', () => {
    const { recorder, text } = inMemory()
    recorder.begin('set', { key: 'k', value: 'v' }).end({ is: 'done' })
    const whole = text().trimEnd()

    const [set] = parseHistory([`${whole.slice(0, -3)}`]).operations
    expect(set).toMatchObject({ completedMs: Number.POSITIVE_INFINITY, outcome: undefined })
    expect(parseHistory(['', '{"proc'])).toMatchObject({ operations: [] })
  })

  test('an operation ends once', () => {
    const { recorder, text } = inMemory()
    const pending = recorder.begin('delete', { key: 'k' })
    pending.end({ is: 'unknown', code: 'STORE_UNAVAILABLE' })
    pending.end({ is: 'done' })
    expect(parseHistory([text()]).of('delete')).toMatchObject([
      { completedMs: 2, outcome: { is: 'unknown' } },
    ])
  })

  test('processes are put in order by their offsets', () => {
    const early = inMemory('early')
    const late = inMemory('late', 1000)
    late.recorder.begin('delete', { key: 'k' })
    early.recorder.begin('delete', { key: 'k' })
    const { operations } = parseHistory([late.text(), early.text()])
    expect(operations.map(({ process, invokedMs }) => [process, invokedMs])).toEqual([
      ['early', 1],
      ['late', 1001],
    ])
  })

  test('a witness is asked after its time is taken, and does not say what it does not believe', () => {
    const { recorder, text } = inMemory()
    const tenancy = { lock: 'a', token: 't' }
    const tail = () => text().split('\n').length
    const before = tail()
    expect(recorder.witness(tenancy, () => tail() > before)).toBe(false)
    expect(recorder.witness(tenancy, () => true)).toBe(true)
    expect(parseHistory([text()]).of('held')).toMatchObject([{ invokedMs: 2, asked: tenancy }])
  })

  test('a line that is not a recorder’s is named', () => {
    const { recorder, text } = inMemory('p9')
    recorder.begin('delete', { key: 'k' })
    expect(() => parseHistory([`${text()}{"id":5,"at":1}\n`])).toThrow('line 3 of p9')
  })

  test('a file has each line at once, and is one process’s', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'history-')), 'p1.jsonl')
    const recorder = openRecorder('p1', file)
    const fromMs = sharedClock.now()
    recorder.begin('delete', { key: 'k' })
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3)
    const [begun] = (await readHistory([file])).operations
    expect(begun?.invokedMs).toBeGreaterThanOrEqual(fromMs)
    expect(() => openRecorder('p2', file)).toThrow('EEXIST')
  })
})
