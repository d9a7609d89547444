-- Pushes when all is written: while a slot moves to another node, the server may refuse the writing.
for i = 1, pushed and #pushed or 0, 2 do
  local publish = string.find(pushed[i], '{', 1, true) and 'SPUBLISH' or 'PUBLISH'
  redis.call(publish, pushed[i], pushed[i + 1])
end
