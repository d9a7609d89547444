import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { isLocksError } from '@locks/core'
import { startMemcached, startRedis, type TestServer } from '@locks/test-servers'
import { extractSnippets } from '../../scripts/lib/snippets.mjs'
import { isTest, PAGES_WITH_TESTS } from './register-tests-of.ts'

const all = extractSnippets()
const snippets = all.filter(({ text }) => !isTest(text))

const servers: TestServer[] = []
beforeAll(async () => {
  if (snippets.some(({ text }) => text.includes('REDIS_URL'))) {
    const redis = await startRedis()
    servers.push(redis)
    process.env.REDIS_URL = redis.url
  }
  if (snippets.some(({ text }) => text.includes('MEMCACHED'))) {
    const memcached = await startMemcached()
    servers.push(memcached)
    process.env.MEMCACHED = memcached.address
  }
})
afterAll(async () => {
  for (const server of servers) await server.stop()
})

describe('the examples of the documentation run as they are printed', () => {
  test.each(snippets)('$page, line $line', async ({ file }) => {
    await run(file)
  })
})

/** Examples have default deadlines; on a machine that stands still for longer they may need another try. */
async function run(file: string, tries = 1): Promise<void> {
  try {
    await import(`${file}?${tries}`)
  } catch (error) {
    const isLate = isLocksError(error) && error.code === 'STORE_UNAVAILABLE'
    if (!isLate || tries === 5) throw error
    await run(file, tries + 1)
  }
}

test('examples that are tests are on pages that have a test file', () => {
  const pages = all.filter(({ text }) => isTest(text)).map(({ page }) => page)
  expect([...new Set(pages)].sort()).toEqual(PAGES_WITH_TESTS)
})
