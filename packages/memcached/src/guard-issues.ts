import type { MemcachedClient } from './memcached-client.ts'

interface IssueLog {
  failed?: boolean
  isScheduledToReconnect?: boolean
  failuresReset?(): void
  attemptReconnect?(): void
}

type Report = (error: unknown, socket: { readonly serverAddress: string }) => void

const GUARDED = Symbol.for('@locks/memcached/guarded-issues')

/**
 * When a server fails several calls at once, the client starts the program `ping` to learn whether it is
 * back; where there is none, as in most containers, that would end the process. Instead it counts as
 * back when it would have been asked: the next call finds out.
 */
export function guardIssues(client: MemcachedClient): void {
  const guardable = client as {
    connectionIssue?: Report
    issues?: Record<string, IssueLog>
    [GUARDED]?: true
  }
  const report = guardable.connectionIssue
  if (!report || guardable[GUARDED]) return
  guardable[GUARDED] = true
  guardable.connectionIssue = function guarded(error, socket) {
    report.call(this, error, socket)
    const log = this.issues?.[socket.serverAddress]
    if (log) log.attemptReconnect = believe
  }
}

function believe(this: IssueLog): void {
  this.failed = false
  this.isScheduledToReconnect = false
  this.failuresReset?.()
}
