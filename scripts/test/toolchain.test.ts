import { expect, test } from '@jest/globals'

test('TypeScript sources run as they are, `await using` included', async () => {
  const log: string[] = []
  const closing = { [Symbol.asyncDispose]: async () => void log.push('closed') }
  {
    await using _resource = closing
    log.push('used')
  }
  expect(log).toEqual(['used', 'closed'])
})
