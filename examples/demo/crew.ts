import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { OpenStore } from './open-store.ts'
import { perform, type Task, type TaskResult } from './task.ts'

/** Those who do the tasks: this process, or several of their own on one server. */
export interface Crew {
  readonly size: number
  /** One task per member, all at once. */
  perform(tasks: readonly Task[], onProgress: () => void): Promise<TaskResult[]>
  dismiss(): void
}

/** A store inside this process is shared by nobody else, so the crew is this process alone. */
export function crewOfOne({ store }: OpenStore): Crew {
  return {
    size: 1,
    perform: (tasks, onProgress) =>
      Promise.all(tasks.map((task) => perform(store, task, onProgress))),
    dismiss: () => {},
  }
}

/** `size` processes, each with its own connection to `url`. */
export async function crewOfProcesses(url: string, size: number): Promise<Crew> {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url))
  // By the environment: a process list shows arguments, and the URL may hold a password.
  const env = { ...process.env, DEMO_URL: url }
  const members = Array.from({ length: size }, () => fork(worker, { env }))
  await Promise.all(members.map((member) => once(member, 'message')))
  return {
    size,
    perform: (tasks, onProgress) =>
      Promise.all(
        tasks.map((task, index) => ask(members[index] as ChildProcess, task, onProgress)),
      ),
    dismiss: () => {
      for (const member of members) member.disconnect()
    },
  }
}

function ask(member: ChildProcess, task: Task, onProgress: () => void): Promise<TaskResult> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(new Error('a process of the demo ended early'))
    const listen = (message: 'progress' | { result: TaskResult }) => {
      if (message === 'progress') return onProgress()
      member.off('message', listen).off('exit', leave)
      resolve(message.result)
    }
    member.on('message', listen).once('exit', leave)
    member.send(task)
  })
}
