import { registerTestsOf } from './register-tests-of.ts'

await registerTestsOf('testing.md')
