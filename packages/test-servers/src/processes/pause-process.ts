import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Stops a process; resolves when none of its threads runs any more, which is later than `kill`. */
export async function pauseProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  while (!(await isStopped(pid))) await sleep(1)
}

async function isStopped(pid: number): Promise<boolean> {
  const states = process.platform === 'linux' ? threadStates(pid) : processState(pid)
  return (await states).every((state) => state === 'T')
}

async function threadStates(pid: number): Promise<string[]> {
  const tasks = `/proc/${pid}/task`
  const threads = await readdir(tasks)
  const stats = await Promise.all(threads.map((id) => readFile(`${tasks}/${id}/stat`, 'utf8')))
  // The program's name comes before the state and may itself contain spaces and brackets.
  return stats.map((stat) => stat.charAt(stat.lastIndexOf(')') + 2))
}

async function processState(pid: number): Promise<string[]> {
  const { stdout } = await execute('ps', ['-o', 'state=', '-p', String(pid)])
  return [stdout.charAt(0)]
}
