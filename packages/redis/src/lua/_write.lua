-- Writes all that _holders has read; the last fence is remembered for a day.
if #lines == 0 then
  -- A day from its grant, and not to be reckoned again.
  redis.call('SET', KEYS[1], lastFence .. '\n', 'KEEPTTL')
else
  held = lastFence .. '\n' .. table.concat(lines)
  redis.call('SET', KEYS[1], held, 'PX', leftMs > 86400000 and leftMs or '86400000')
end
