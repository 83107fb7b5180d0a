-- Takes the oldest alerts away: those that are too many, and those that have expired by themselves. An incident that is not closed
-- stays: nobody could close it any more.
--
-- KEYS[1] alerts by time (zset)   KEYS[2] alerts whose incident is not closed (zset)
-- KEYS[3] open, KEYS[4] acknowledged, KEYS[5] resolved alerts by time (zsets)
-- ARGV[1] alerts kept   ARGV[2] raised before this they have expired (ms)   ARGV[3] what keys of alerts begin with (one hash tag)
--
-- Returns how many went.
local extra = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[1])
local old = extra > 0 and redis.call('ZRANGE', KEYS[1], 0, math.min(extra, 1000) - 1) or {}
local expired = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2], 'LIMIT', 0, 100)
local gone = 0
for _, list in ipairs({ old, expired }) do
  for _, id in ipairs(list) do
    if not redis.call('ZSCORE', KEYS[2], id) then
      redis.call('DEL', ARGV[3] .. id)
      for _, index in ipairs({ KEYS[1], KEYS[3], KEYS[4], KEYS[5] }) do redis.call('ZREM', index, id) end
      gone = gone + 1
    end
  end
end
return gone
