import { connect } from 'node:net'

/**
 * Sends text to a loopback port and gives everything received until it matches `until`: enough to
 * talk to memcached without a client in between. Rejects when the connection ends before that.
 */
export function textExchange(
  port: number,
  text: string,
  until: RegExp,
  signal?: AbortSignal,
): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ...(signal && { signal }) })
  let received = ''
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`The connection was closed after: ${received}`)))
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk
      if (!until.test(received)) return
      resolve(received)
      socket.destroy()
    })
    socket.write(text)
  })
}
