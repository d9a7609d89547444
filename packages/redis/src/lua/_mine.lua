-- The end of the line that was taken out.
local fence, subscriber = string.match(held, '^(%d+) ([^\n]*)', mine)
