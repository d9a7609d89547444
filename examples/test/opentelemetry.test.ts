import { afterEach, expect, test } from '@jest/globals'
import { createLocks, memoryStore } from '@locks/memory'
import { SpanStatusCode } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { traceLocks } from '../opentelemetry.ts'

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
let stop = () => {}

afterEach(async () => {
  stop()
  exporter.reset()
})

const spans = () =>
  exporter.getFinishedSpans().map(({ name, attributes, status }) => ({ name, attributes, status }))

test('locks become spans, and nothing is told after the end', async () => {
  stop = traceLocks(provider.getTracer('test'))
  const locks = createLocks(memoryStore(), { traceNames: 'plain' })
  const lock = await locks.acquire('invoice')
  await lock.extend('1m')
  await lock.release()
  expect(spans()).toMatchObject([
    { name: 'locks acquire', attributes: { 'lock.name': 'invoice', 'lock.acquired': true } },
    { name: 'locks renew', attributes: { 'lock.extended': true, 'lock.ttlMs': 60_000 } },
    { name: 'locks hold', attributes: { 'lock.end': 'released', 'lock.fence': lock.fence } },
    { name: 'locks release', attributes: { 'lock.released': true } },
  ])
  expect(JSON.stringify(spans())).not.toContain(lock.token)
  stop()
  await (await locks.acquire('invoice')).release()
  expect(spans()).toHaveLength(4)
})

test('what fails is an error of its span', async () => {
  stop = traceLocks(provider.getTracer('test'))
  const locks = createLocks(memoryStore())
  const lock = await locks.acquire('n')
  await expect(locks.acquire('n', { wait: 0 })).rejects.toThrow('was held')
  await locks.close()
  expect(lock.held).toBe(false)
  const failed = spans().filter(({ status }) => status.code === SpanStatusCode.ERROR)
  expect(failed.map(({ name }) => name)).toEqual(['locks acquire', 'locks hold'])
})
