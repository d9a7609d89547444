-- Gives up a place in the queue, and the lease if it was granted meanwhile.
-- KEYS[1] holders  KEYS[2] queue  KEYS[3] waiters
-- ARGV[1] owner token
-- Returns 'left', now; 'released', now; or 'absent', now; as one text, with a space.

--#include _now
local token, heard, asking, askedMs, granted = ARGV[1], {}, nil, nil, nil
--#include _read
--#include _holders
--#include _forget
--#include _keep
--#include _serve
if mine or minted then
--#include _write
end
--#include _push
return (forgotten and 'left ' or mine and 'released ' or 'absent ') .. now
