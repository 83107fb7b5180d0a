-- Returns what there was before a reset and is not there after the rebuilding, and forgets it.
--
-- KEYS[1] tasks that there were (zset)     KEYS[2] index (zset)     ARGV[1] ids in the answer, at most
--
-- Returns the number of lost tasks, then some of their ids.
if redis.call('EXISTS', KEYS[1]) == 0 then return { 0 } end
local lost = redis.call('ZDIFFSTORE', KEYS[1], 2, KEYS[1], KEYS[2])
local answer = redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1)
redis.call('DEL', KEYS[1])
table.insert(answer, 1, lost)
return answer
