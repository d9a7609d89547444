-- Ends the lease of this token and no other, and gives it to who waits.
-- KEYS[1] holders  KEYS[2] queue  KEYS[3] waiters
-- ARGV[1] owner token  ARGV[2] … channels that the caller hears: grants to them come in the reply
-- Returns 'released', now; 'absent', now; or 'taken', now; as one text, with a space: with grants as a list,
-- {that text, channel, grant, …}.

--#include _now
local token, heard, asking, askedMs, granted = ARGV[1], {}, nil, nil, nil
for i = 2, #ARGV do heard[ARGV[i]] = true end
--#include _read
--#include _holders
--#include _keep
--#include _serve
if mine or minted then
--#include _write
end
--#include _push
local reply = (mine and 'released ' or #lines > 0 and 'taken ' or 'absent ') .. now
return told and told[1] and { reply, unpack(told) } or reply
