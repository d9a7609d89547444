/** What keeps a script from running late: `index` is that of its `notAfterMs`. */
export const lateGuard = (index: number) =>
  `if ARGV[${index}] ~= '' and nowMs > tonumber(ARGV[${index}]) then return { 'late', nowMs } end\n`
