import type { Bug } from '../bug.ts'

const VALUE = 'core/src/optimistic/versioned-value.ts'
const STEP = 'core/src/spec/cache-step.ts'

/** Values that are changed by version. */
export const optimisticBugs: readonly Bug[] = [
  {
    name: 'anyVersionIsOwn',
    about: 'whatever stands in the way is taken for an own change without an answer',
    where: 'optimistic',
    breaks: ['lost update'],
    patches: [
      {
        file: VALUE,
        search: 'if (version === undefined || !this.#unanswered.has(version)) throw',
        replace: 'if (version === undefined) throw',
      },
    ],
  },
  {
    name: 'unansweredForgotten',
    about: 'an own change without an answer is taken for somebody else’s',
    where: 'optimistic',
    breaks: ['needless'],
    patches: [{ file: VALUE, search: 'this.#unanswered.add(change.token)', replace: '' }],
  },
  {
    name: 'versionStaysBehind',
    about: 'the next change goes on from the version that was read, not from the one it has set',
    where: 'optimistic',
    breaks: ['needless'],
    patches: [{ file: VALUE, search: 'this.#version = change.token', replace: '' }],
  },
  {
    name: 'changesAtOnce',
    about: 'changes do not take turns',
    where: 'optimistic',
    breaks: ['needless', 'cas'],
    patches: [{ file: VALUE, search: 'this.#last = turn.catch(() => {})', replace: '' }],
    optimisticPlan: { atOnce: 1 },
  },
  {
    name: 'absentIsAny',
    about: 'who has seen nothing replaces anything',
    where: 'optimistic',
    breaks: ['lost update'],
    patches: [
      {
        file: STEP,
        search: "if (version !== expected) {\n        return { state: 'conflict'",
        replace:
          "if (expected !== undefined && version !== expected) {\n        return { state: 'conflict'",
      },
    ],
  },
  {
    name: 'repeatIsAConflict',
    about: 'a change that arrives twice is in its own way',
    where: 'optimistic',
    breaks: ['needless', 'cas'],
    patches: [{ file: STEP, search: 'if (version !== token) {', replace: '{' }],
  },
]
