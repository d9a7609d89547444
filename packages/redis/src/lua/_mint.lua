-- A fence greater than all before.
local fence = tonumber(lastFence) + 1
minted = fence > tonumber(nowUs) and string.format('%.0f', fence) or nowUs
lastFence = minted
