import { lockManagerRules } from '../../core/test/lock-manager-rules.ts'
import { memoryStore } from '../src/index.ts'

const store = memoryStore()
lockManagerRules('Web Locks on memory', () => store)
