import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, test } from '@jest/globals'
import { ProxyConnection } from '../src/proxy/proxy-connection.ts'
import { eventually } from './eventually.ts'

test('a connection that is reset while the server’s end is passed on is over', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).write('hello'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const front = createServer()
  await once(front.listen(0, '127.0.0.1'), 'listening')
  const client = connect((front.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => {})
  const [accepted] = (await once(front, 'connection')) as [Socket]
  const traffic = { requestBytes: 0, replyBytes: 0 }
  const faults = { delayMs: 0, dropReplies: false, blackHole: false }
  const connection = new ProxyConnection(accepted, port, faults, traffic)
  await eventually(() => traffic.replyBytes > 0)
  accepted.end()
  connection.reset()
  await expect(connection.closed).resolves.toBeDefined()
  client.destroy()
  front.close()
  server.close()
})
