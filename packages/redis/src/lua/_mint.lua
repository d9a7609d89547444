-- A fence greater than all before, and the first of `block` if that is a number; compared as texts of digits.
local isPast = #lastFence < #nowUs or #lastFence == #nowUs and lastFence < nowUs
minted = isPast and nowUs or string.format('%.0f', lastFence + 1)
lastFence = block and string.format('%.0f', minted + block - 1) or minted
