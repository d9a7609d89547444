import { registerTestsOf } from './register-tests-of.ts'

await registerTestsOf('custom-store.md')
