-- Writes all that _holders has read; the last fence is remembered for a day.
held = lastFence .. '\n' .. table.concat(lines)
redis.call('SET', KEYS[1], held, 'PX', leftMs > 86400000 and leftMs or '86400000')
