-- Runs `run` for each in turn. ARGV: how many arguments each has; those of the first; how many of them are
-- not the same for all; which; and these of the others. One that fails costs the others nothing.
-- Returns a line for each: its reply, or nothing when that is no text, but follows, as {'!', why} if it failed.
--#include _now
local lines, others = {}, { '' }
local names, queues, seen = {}, {}, {}
for key = 1, #KEYS, size do
  names[#names + 1] = KEYS[key]
  queues[#queues + 1] = KEYS[key + 1]
end
-- Read at once what nearly always is all that there is to read. What is no text is told from nothing later.
local held = redis.call('MGET', unpack(names))
local queued = size > 1 and redis.call('EXISTS', unpack(queues)) > 0
local count = tonumber(ARGV[1])
local args, keys, own = { unpack(ARGV, 2, count + 1) }, {}, {}
args.nowUs, args.now, args.nowMs = nowUs, now, now + 0
for nth = 1, tonumber(ARGV[count + 2]) do own[nth] = tonumber(ARGV[count + 2 + nth]) end
local at = count + 3 + #own
for i = 1, #names do
  for nth = 1, size do keys[nth] = KEYS[(i - 1) * size + nth] end
  if i > 1 then
    for nth = 1, #own do args[own[nth]] = ARGV[at + nth - 1] end
    at = at + #own
  end
  -- Of a name that was here before, all is read again.
  local again = seen[names[i]]
  seen[names[i]] = true
  args.held, args.unqueued = not again and held[i], not again and not queued
  local done, reply = pcall(run, keys, args)
  if done and type(reply) == 'string' then
    lines[i] = reply
  else
    lines[i] = ''
    -- Before version 7 an error is a text.
    local why = type(reply) == 'string' and reply or reply.err
    others[#others + 1] = why and { '!', why } or reply
  end
end
others[1] = table.concat(lines, '\n')
return others
