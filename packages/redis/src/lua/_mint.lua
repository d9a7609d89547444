-- A fence greater than all before, and the first of `block` if that is a number.
local fence = lastFence + 1
minted = fence > nowUs + 0 and string.format('%.0f', fence) or nowUs
lastFence = block and string.format('%.0f', minted + block - 1) or minted
