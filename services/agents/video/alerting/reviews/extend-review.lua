-- What a review item is about has gone on until now.
--
-- KEYS[1] item (hash)   ARGV[1] until when (ms)
--
-- Returns 1 done; 0 there is no such item.
local ended = redis.call('HGET', KEYS[1], 'endedAtMs')
if not ended then return 0 end
if tonumber(ARGV[1]) > tonumber(ended) then redis.call('HSET', KEYS[1], 'endedAtMs', ARGV[1]) end
return 1
