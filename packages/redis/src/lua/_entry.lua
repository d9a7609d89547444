-- Reads the version of the entry KEYS[1]: false when there is none, '?' when it cannot be read. The
-- value itself stays put.
local head, version = redis.call('GETRANGE', KEYS[1], 0, 64), false
if head ~= '' then
  version = string.match(string.sub(head, 2, 1 + string.byte(head)), '^[!-~]+$')
  if not version or #version ~= string.byte(head) then version = '?' end
end
