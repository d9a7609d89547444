/** A real server in a process of its own, on a loopback port, with the faults a server can have. */
export interface TestServer extends AsyncDisposable {
  readonly port: number
  /** `host:port`. */
  readonly address: string
  /** Of the current process; another one after `restart`. */
  readonly pid: number
  /** Freezes the process; resolves when it has really stopped. Connections stay open. */
  pause(): Promise<void>
  resume(): void
  /** SIGKILL; resolves when the process is gone and its port is closed. */
  kill(): Promise<void>
  /** A new, empty process on the same port; kills the old one first when it still runs. */
  restart(): Promise<void>
  /** Ends the server for good and removes its temporary folder. May be called twice. */
  stop(): Promise<void>
}
