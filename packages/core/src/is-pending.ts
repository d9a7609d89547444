import type { Answer } from './contract/answer.ts'

/** Whether an answer is yet to come. Promises come from other libraries too: no `instanceof`. */
export const isPending = <T extends object>(answer: Answer<T>): answer is Promise<T> =>
  'then' in answer
