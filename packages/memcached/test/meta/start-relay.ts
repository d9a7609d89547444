import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Stands before a real server, and passes on other commands than it gets. */
export interface Relay extends AsyncDisposable {
  readonly address: string
  /** Connections accepted since the start. */
  readonly accepted: number
}

/** `rewrite` gets every line of the requests, data included; what it returns is sent. */
export async function startRelay(
  port: number,
  rewrite: (line: string) => string | undefined,
): Promise<Relay> {
  const open = new Set<Socket>()
  let accepted = 0
  const listener = createServer({ noDelay: true }, (client) => {
    accepted++
    const server = connect({ port, host: '127.0.0.1', noDelay: true })
    let rest = ''
    client.on('data', (chunk) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const sent = rewrite(line)
        if (sent !== undefined) server.write(`${sent}\r\n`)
      }
    })
    server.on('data', (chunk) => client.write(chunk))
    for (const socket of [client, server]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        server.destroy()
        open.delete(socket)
      })
    }
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const address = listener.address()
  return {
    address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    get accepted() {
      return accepted
    },
    async [Symbol.asyncDispose]() {
      const closed = once(listener, 'close')
      listener.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
