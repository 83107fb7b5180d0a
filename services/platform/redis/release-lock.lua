-- Gives a lock back. The last token stays.
--
-- KEYS[1] leases (zset)   KEYS[2] owners (hash: name to "token owner")     ARGV[1] name   ARGV[2] "token owner"
--
-- Returns 1 it was this owner's; 0 it was not, nothing changed.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
