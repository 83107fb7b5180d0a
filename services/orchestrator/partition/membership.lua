-- Says that an orchestrator is alive, or that it leaves, and tells who else is.
--
-- KEYS[1] members (zset: instance by last sign of life, Redis' own clock in ms)
-- ARGV[1] instance     ARGV[2] time to live of a member (ms); 0: leaves
--
-- Returns the live members, sorted by name.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
end
local members = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(members)
return members
