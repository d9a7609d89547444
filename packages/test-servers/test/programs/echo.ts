/** Prints its arguments and a variable, then every line it is sent; ends as the line says. */
import { createInterface } from 'node:readline'

console.log(process.argv.slice(2).join(' '))
console.log(process.env.ECHO_VARIABLE)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'fail') throw new Error('as told')
  console.log(line)
}
