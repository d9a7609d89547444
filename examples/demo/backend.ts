/** A program: the slow backend that everybody asks. Counts how often. Run by `start-backend.ts`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const PARTS = 10
const PART_MS = 20

let loads = 0

const server = createServer((_request, response) => {
  loads++
  let part = 0
  const timer = setInterval(() => {
    response.write(`${part},${'report '.repeat(64)}\n`)
    part++
    if (part < PARTS) return
    clearInterval(timer)
    response.end()
  }, PART_MS)
})

process.on('message', () => {
  process.send?.({ loads })
  loads = 0
})
process.on('disconnect', () => process.exit())

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
