-- Adds the line of a holder, from now on.
local function hold(each, units, ttlMs, fence, subscriber)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. now .. ' ' .. ttlMs .. ' ' .. fence
    .. ' ' .. subscriber .. '\n'
  local restMs = ttlMs + 0
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
