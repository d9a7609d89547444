-- Adds the line of a holder, from now on.
local function hold(each, units, ttlMs, subscriber, fence)
  lines[#lines + 1] = each .. ' ' .. units .. ' ' .. capacity .. ' ' .. fence .. ' ' .. now .. ' ' .. ttlMs
    .. ' ' .. subscriber .. '\n'
  local restMs = tonumber(ttlMs)
  if restMs < firstEndMs then firstEndMs = restMs end
  if restMs > leftMs then leftMs = restMs end
end
