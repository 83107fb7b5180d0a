-- Puts off when a target is looked at again, unless somebody has put it off further.
--
-- KEYS[1] due (zset: target by time)     ARGV[1] target     ARGV[2] when (ms)
--
-- Returns nothing.
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if at and tonumber(at) < tonumber(ARGV[2]) then redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) end
return 0
