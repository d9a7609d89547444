import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import * as errors from '../src/errors.ts'

const {
  ConflictError,
  InvalidArgumentError,
  isLocksError,
  LoadFailedError,
  LoadRecursionError,
  LoadTimeoutError,
  LockLostError,
  LockTimeoutError,
  StoreUnavailableError,
  StreamBrokenError,
  toLocksError,
  UnsupportedError,
} = errors

// The query makes it another module, as when a program loads the ESM and the CJS build.
const COPY = '../src/errors.ts?copy'
const copy: typeof errors = await import(COPY)

const everything = (error: unknown) => inspect(error, { depth: 10, showHidden: true })

describe('an error of the library', () => {
  test.each([
    [new LockTimeoutError('m', 5), 'LOCK_TIMEOUT', 'LockTimeoutError'],
    [new LockLostError('m', 'expired'), 'LOCK_LOST', 'LockLostError'],
    [new StoreUnavailableError('m'), 'STORE_UNAVAILABLE', 'StoreUnavailableError'],
    [new UnsupportedError('m'), 'UNSUPPORTED', 'UnsupportedError'],
    [new InvalidArgumentError('m'), 'INVALID_ARGUMENT', 'InvalidArgumentError'],
    [new ConflictError('m'), 'CONFLICT', 'ConflictError'],
    [new LoadFailedError('m'), 'LOAD_FAILED', 'LoadFailedError'],
    [new StreamBrokenError('m'), 'STREAM_BROKEN', 'StreamBrokenError'],
    [new LoadTimeoutError('m'), 'LOAD_TIMEOUT', 'LoadTimeoutError'],
    [new LoadRecursionError('m'), 'LOAD_RECURSION', 'LoadRecursionError'],
  ])('has its code, its name and its message: %s', (error, code, name) => {
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ code, name, message: 'm' })
    expect(String(error)).toBe(`${name}: m`)
    expect(error.stack).toContain(`${name}: m`)
    expect(isLocksError(error)).toBe(true)
  })

  test('is recognised when another copy of the library threw it', () => {
    const error = new copy.LockLostError('m', 'deleted')
    expect(error).not.toBeInstanceOf(LockLostError)
    expect(isLocksError(error)).toBe(true)
    expect(copy.isLocksError(new LockLostError('m', 'deleted'))).toBe(true)
  })

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'LOCK_LOST'],
    ['a symbol', Symbol.for('@locks/error')],
    ['a plain error', new Error('m')],
    ['an error with the same code', Object.assign(new Error('m'), { code: 'LOCK_LOST' })],
    ['a function', () => {}],
  ])('is not %s', (_what, value) => {
    expect(isLocksError(value)).toBe(false)
  })

  test('tells how long a timeout waited, and what was lost why', () => {
    expect(new LockTimeoutError('m', 5).waitedMs).toBe(5)
    expect(new LockLostError('m', 'stolen', { rows: 3 })).toMatchObject({
      reason: 'stolen',
      result: { rows: 3 },
    })
    expect(new LockLostError('m', 'stolen').result).toBeUndefined()
  })
})

describe('trouble with a store', () => {
  test('is a StoreUnavailableError that keeps the code and the message', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6379'), {
      code: 'ECONNREFUSED',
    })
    expect(toLocksError(error)).toBeInstanceOf(StoreUnavailableError)
    expect(toLocksError(error).message).toBe(
      'the store failed: ECONNREFUSED: connect ECONNREFUSED 10.0.0.1:6379',
    )
  })

  test('without a code keeps its name, without a message says so', () => {
    expect(toLocksError(new TypeError('bad')).message).toBe('the store failed: TypeError: bad')
    expect(toLocksError('bad').message).toBe('the store failed: Error: unknown')
    expect(toLocksError(undefined).message).toBe('the store failed: Error: unknown')
  })

  test('that is an error of the library already stays as it is, also of another copy', () => {
    const error = new copy.ConflictError('m')
    expect(toLocksError(error)).toBe(error)
  })

  const url = (credentials: string) => `connect redis://${credentials}@host:6379/0 failed`
  test.each([
    ['user and password', url('user:TOPSECRET')],
    ['a password alone', url(':TOPSECRET')],
    ['a user alone', url('TOPSECRET')],
    ['two URLs', `${url('a:TOPSECRET')} and ${url('b:TOPSECRET')}`],
    ['an escaped password', url('user:TOPSECRET%40%2F')],
    ['a password with @', url('user:x@TOPSECRET')],
    ['a password with /', url('user:x/TOPSECRET')],
    ['an IPv6 host', 'connect rediss://user:TOPSECRET@[::1]:6379'],
    ['no scheme', 'connect //user:TOPSECRET@host'],
  ])('does not tell credentials in a URL: %s', (_what, message) => {
    expect(everything(toLocksError(new Error(message)))).not.toContain('TOPSECRET')
  })

  test.each([160, 165, 170, 175, 178])(
    'does not tell credentials that straddle the end of a shortened message: %p',
    (before) => {
      const error = new Error(`${'x'.repeat(before)} ${url('user:TOPSECRET')}`)
      expect(everything(toLocksError(error))).not.toMatch(/TOP|SECRET/)
    },
  )

  test('does not repeat the command that a server did not know', () => {
    const repeated = "ERR unknown command 'EVALSHA', with args beginning with: 'sha' 'TOPSECRET'"
    const error = toLocksError(new Error(repeated))
    expect(error.message).toBe("the store failed: Error: ERR unknown command 'EVALSHA'")
    expect(everything(error)).not.toContain('TOPSECRET')
  })

  test('keeps the host when it scrubs', () => {
    expect(toLocksError(new Error(url('user:x'))).message).toContain('redis://***@host:6379/0')
  })

  test('carries nothing that a client put on its error', () => {
    const client = { options: { password: 'TOPSECRET' }, self: {} }
    client.self = client
    const error = Object.assign(new Error('failed', { cause: new Error('TOPSECRET') }), {
      client,
      input: 'redis://user:TOPSECRET@host',
      command: { name: 'eval', args: ['TOPSECRET'] },
      errors: [new Error('TOPSECRET')],
      [Symbol('client')]: client,
    })
    Object.defineProperty(error, 'hidden', { value: 'TOPSECRET', enumerable: false })
    error.stack = 'Error: TOPSECRET'
    const mine = toLocksError(error)
    expect(everything(mine)).not.toContain('TOPSECRET')
    expect(mine.cause).toBeUndefined()
    expect(JSON.stringify(mine)).not.toContain('TOPSECRET')
  })

  test('is short, however long the client’s message was', () => {
    expect(toLocksError(new Error('x'.repeat(1_000_000))).message.length).toBeLessThan(300)
    expect(toLocksError(new Error('//'.repeat(1_000_000))).message.length).toBeLessThan(300)
  })
})
