import type { CacheStore, LeaseStore } from '@locks/herd-cache'
import { lockRelay, type Turn } from './lock-relay.ts'
import { createScenarios, type ScenarioName } from './scenarios.ts'

/** What one process is told to do. Plain data: it also travels between processes. */
export type Task =
  | {
      readonly kind: 'herd'
      readonly scenario: ScenarioName
      readonly callers: number
      readonly runId: string
      readonly backendUrl: string
    }
  | { readonly kind: 'relay'; readonly contenders: readonly string[]; readonly runId: string }

export interface TaskResult {
  /** How long each caller waited for its report. */
  readonly waitsMs: readonly number[]
  readonly turns: readonly Turn[]
}

/** Does a task on `store`; `onProgress` is told of each caller that is done. */
export async function perform(
  store: LeaseStore & CacheStore,
  task: Task,
  onProgress: () => void,
): Promise<TaskResult> {
  if (task.kind === 'relay') {
    return { waitsMs: [], turns: await lockRelay(store, task.runId, task.contenders, onProgress) }
  }
  const call = createScenarios(store, task.runId, task.backendUrl)[task.scenario]
  const wait = async () => {
    const startMs = performance.now()
    await call()
    onProgress()
    return performance.now() - startMs
  }
  return { waitsMs: await Promise.all(Array.from({ length: task.callers }, wait)), turns: [] }
}
