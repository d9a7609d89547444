-- Out of memory, a server refuses SET, unless the script has written before: nobody is let down by it.
if mine and used > 0 then redis.call('PEXPIRE', KEYS[1], '86400000') end
