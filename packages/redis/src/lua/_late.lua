-- Refuses what runs after `limit`, ms of the store, if there is one. Of texts of digits the longer is greater, and
-- of two as long the one that comes later: cheaper than numbers.
if limit and limit ~= '' and (#now > #limit or #now == #limit and now > limit) then return 'late ' .. now end
